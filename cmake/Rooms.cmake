# A room of the house: one folder, one library, one CMakeLists.txt that lists its files and says what it stands on.
#
#   regard_room(face
#     SOURCES alignment.cpp detector.cpp       # none: a room of headers
#     TESTS alignment_test.cpp                 # part of regard_tests; TORCH_TESTS: of regard_torch_tests
#     USES core image                          # rooms whose headers it may include, at once and on its own account
#     LIBRARIES regard_opencv                  # third-party libraries that it may include
#     SEPARATE)                                # its files use the same names and are never compiled as one
#
# USES names only rooms that exist already, so that there can be no cycle; tests/architecture_test.py reads these calls
# and holds the includes to them. In a build with tests each room is also linked by itself, with every symbol resolved
# from what it says that it uses (regard_alone_ROOM), so that the linker holds the plan, too.
set(ABOVE "^(lab|train|http$|server$)")  # rooms that stand above the library `regard`

function(regard_room name)
  cmake_parse_arguments(ROOM "SEPARATE" "" "SOURCES;TESTS;TORCH_TESTS;USES;LIBRARIES" ${ARGN})
  set(target regard_${name})
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    set(visibility PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(visibility INTERFACE)
  endif()
  if(REGARD_UNITY AND ROOM_SOURCES AND NOT ROOM_SEPARATE)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
    # GCC takes a source file that is included for a header, whose anonymous namespaces would be everybody's.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  target_include_directories(${target} ${visibility} ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} ${visibility} ${ROOM_LIBRARIES})
  # The runtime's rooms are in the library `regard` for everyone but training; what stands above says which it wants.
  string(REGEX MATCH "${ABOVE}" above ${name})
  foreach(used ${ROOM_USES})
    if(NOT TARGET regard_${used})
      message(FATAL_ERROR "room ${name} uses ${used}, which comes later or does not exist")
    endif()
    string(REGEX MATCH "${ABOVE}" used_above ${used})
    if(NOT above OR used_above)
      target_link_libraries(${target} ${visibility} regard_${used})
    endif()
  endforeach()
  foreach(kind TESTS TORCH_TESTS)
    list(TRANSFORM ROOM_${kind} PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    set_property(GLOBAL APPEND PROPERTY REGARD_${kind} ${ROOM_${kind}})
  endforeach()
  if(REGARD_TESTS AND NOT REGARD_SANITIZE AND ROOM_SOURCES)
    regard_link_alone(${name})
  endif()
endfunction()

function(regard_link_alone name)
  set(alone regard_alone_${name})
  add_library(${alone} SHARED $<TARGET_OBJECTS:regard_${name}>)
  target_link_libraries(${alone} PRIVATE regard_${name})
  if(name MATCHES "${ABOVE}")
    target_link_libraries(${alone} PRIVATE $<IF:$<TARGET_EXISTS:regard>,regard,regard_model>)
  endif()
  target_link_options(${alone} PRIVATE -Wl,-z,defs)
endfunction()
