# headroom_npm_file(VARIABLE PATH)
#
# Sets VARIABLE to the file PATH of node_modules/. npm packages give data only,
# pinned by package-lock.json; without them there is nothing to build from.
function(headroom_npm_file variable path)
  set(file ${PROJECT_SOURCE_DIR}/node_modules/${path})
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "node_modules/${path} is missing: run `npm ci` in ${PROJECT_SOURCE_DIR} first.")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(${variable} ${file} PARENT_SCOPE)
endfunction()
