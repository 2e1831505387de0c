# headroom_room(NAME DEPS room... LIBS library...)
#
# A folder under src/ is a room: one static library headroom_<name> of every
# *.cc in it, and one test program <name>_test of every *_test.cc. DEPS names
# the rooms it may include; tests/layers_test reads the includes and fails on
# any other.

add_library(headroom_flags INTERFACE)
target_include_directories(headroom_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(headroom_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wcast-qual -Wundef -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these in correct coroutine and std::string code at -O2.
  target_compile_options(headroom_flags INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-tsan)
endif()
if(HEADROOM_SANITIZE)
  target_compile_options(headroom_flags INTERFACE
    -fsanitize=${HEADROOM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(headroom_flags INTERFACE -fsanitize=${HEADROOM_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Clang 14 cannot emit this check's prologue for coroutines.
    target_compile_options(headroom_flags INTERFACE -fno-sanitize=function)
  endif()
endif()

function(headroom_room name)
  cmake_parse_arguments(ROOM "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ROOM_DEPS PREPEND headroom_)

  add_library(headroom_${name} STATIC ${sources})
  target_link_libraries(headroom_${name} PUBLIC headroom_flags ${ROOM_DEPS} ${ROOM_LIBS})

  if(HEADROOM_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE headroom_${name} GTest::gtest GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
  endif()
endfunction()
