include(${CMAKE_CURRENT_LIST_DIR}/NpmData.cmake)

# headroom_grammars(DIRECTORY...)
#
# One static library headroom_grammars: tree-sitter's parser library and its
# grammars, from the C sources in node_modules/. Each DIRECTORY has a grammar's
# parser.c, and scanner.c where the language needs one.
function(headroom_grammars)
  headroom_npm_file(library tree-sitter/vendor/tree-sitter/lib/src/lib.c)
  cmake_path(GET library PARENT_PATH library_folder)
  set(include ${library_folder}/../include)
  set_source_files_properties(${library} PROPERTIES INCLUDE_DIRECTORIES ${library_folder} COMPILE_OPTIONS -O2)
  set(sources ${library})
  set(active ${library})
  foreach(directory ${ARGN})
    headroom_npm_file(parser ${directory}/parser.c)
    cmake_path(GET parser PARENT_PATH folder)
    set(files ${parser})
    if(EXISTS ${folder}/scanner.c)
      list(APPEND files ${folder}/scanner.c)
      list(APPEND active ${folder}/scanner.c)
    endif()
    set_source_files_properties(${files} PROPERTIES INCLUDE_DIRECTORIES ${folder})
    list(APPEND sources ${files})
  endforeach()
  # Only these handle memory; a parser is tables.
  if(HEADROOM_SANITIZE)
    set_property(SOURCE ${active} APPEND PROPERTY COMPILE_OPTIONS
      -fsanitize=${HEADROOM_SANITIZE} -fno-sanitize-recover=all)
  endif()
  add_library(headroom_grammars STATIC ${sources})
  target_include_directories(headroom_grammars SYSTEM INTERFACE ${include})
  target_include_directories(headroom_grammars PRIVATE ${include})
  # Megabytes of tables: more than -O1 costs minutes and gains nothing.
  target_compile_options(headroom_grammars PRIVATE -w -O1 -g0)
  target_compile_definitions(headroom_grammars PRIVATE NDEBUG)
  if(NOT CMAKE_C_COMPILER_LAUNCHER)
    set_target_properties(headroom_grammars PROPERTIES C_COMPILER_LAUNCHER "${CMAKE_CXX_COMPILER_LAUNCHER}")
  endif()
endfunction()
