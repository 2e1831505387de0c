include(${CMAKE_CURRENT_LIST_DIR}/NpmData.cmake)

# headroom_grammars(DIRECTORY...)
#
# One static library headroom_grammars of tree-sitter grammars: the C sources
# (parser.c, and scanner.c where the language needs one) of these folders of
# node_modules/. Each must have the ABI that Debian's tree-sitter reads, 13 or 14.
function(headroom_grammars)
  set(sources)
  foreach(directory ${ARGN})
    headroom_npm_file(parser ${directory}/parser.c)
    file(STRINGS ${parser} abi REGEX "^#define LANGUAGE_VERSION 1[34]$" LIMIT_COUNT 1)
    if(NOT abi)
      message(FATAL_ERROR "${parser} does not have ABI 13 or 14.")
    endif()
    get_filename_component(folder ${parser} DIRECTORY)
    set(files ${parser})
    if(EXISTS ${folder}/scanner.c)
      list(APPEND files ${folder}/scanner.c)
      # What a scanner does with memory is its own code; a parser is tables.
      if(HEADROOM_SANITIZE)
        set_source_files_properties(${folder}/scanner.c PROPERTIES
          COMPILE_OPTIONS "-fsanitize=${HEADROOM_SANITIZE};-fno-sanitize-recover=all")
      endif()
    endif()
    set_source_files_properties(${files} PROPERTIES INCLUDE_DIRECTORIES ${folder})
    list(APPEND sources ${files})
  endforeach()
  add_library(headroom_grammars STATIC ${sources})
  # Megabytes of tables: more than -O1 costs minutes and gains nothing.
  target_compile_options(headroom_grammars PRIVATE -w -O1 -g0)
  target_compile_definitions(headroom_grammars PRIVATE NDEBUG)
  if(NOT CMAKE_C_COMPILER_LAUNCHER)
    set_target_properties(headroom_grammars PROPERTIES C_COMPILER_LAUNCHER "${CMAKE_CXX_COMPILER_LAUNCHER}")
  endif()
endfunction()
