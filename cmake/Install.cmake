# What `cmake --install` puts where:
#   bin/regard, bin/regard-lab       the program, and the one to which it hands commands for data sets over
#   bin/regard-server                the one that serves over HTTP
#   lib/libregard.so                 the library; lib/regard/: the parts of OpenVINO that it loads, from the wheel, so
#                                    that the installed copy does not need the source tree any more
#                                    and libregard_video.so, which reads videos; libregard_parquet.so and Arrow's
#                                    libraries, if they are built
#   lib/cmake/regard/                for find_package(regard)
#   include/regard/                  regard.h and the headers that it reaches, and no other
#   share/regard/                    the shipped models, the sample photographs, the recipes
#   share/bash-completion, zsh, fish completion
#   lib/systemd/system/regard.service, share/doc/regard-server/examples/nginx.conf
# Each belongs to a component, which is a Debian package (Packages.cmake): program, video, server, development.
# regard-torch stays in the build folder: it needs the torch of the source tree's .venv.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(REGARD_PARTS ${CMAKE_INSTALL_LIBDIR}/regard)
file(RELATIVE_PATH LIB_FROM_BIN /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
set_target_properties(regard PROPERTIES VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
                      INSTALL_RPATH "$ORIGIN;$ORIGIN/regard")
set_target_properties(regard_cli regard_lab regard_server_program PROPERTIES INSTALL_RPATH "$ORIGIN/${LIB_FROM_BIN};$ORIGIN/${LIB_FROM_BIN}/regard")

install(TARGETS regard EXPORT regardTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT program NAMELINK_COMPONENT development
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set_target_properties(regard_video_module PROPERTIES INSTALL_RPATH "$ORIGIN/..;$ORIGIN")
install(TARGETS regard_video_module LIBRARY DESTINATION ${REGARD_PARTS} COMPONENT video)
if(REGARD_PARQUET)
  set_target_properties(regard_parquet_module PROPERTIES INSTALL_RPATH "$ORIGIN/..;$ORIGIN")
  install(TARGETS regard_parquet_module LIBRARY DESTINATION ${REGARD_PARTS} COMPONENT program)
  install(FILES ${ARROW_LIBRARIES} DESTINATION ${REGARD_PARTS} COMPONENT program)
endif()
install(TARGETS regard_cli regard_lab RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS regard_server_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
install(FILES packaging/regard.service DESTINATION lib/systemd/system COMPONENT server)
install(FILES packaging/nginx.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/regard-server/examples COMPONENT server)

get_target_property(OPENVINO_LIBRARY openvino::runtime LOCATION)
get_filename_component(OPENVINO_FOLDER ${OPENVINO_LIBRARY} DIRECTORY)
file(GLOB OPENVINO_PARTS ${OPENVINO_FOLDER}/libopenvino.so.* ${OPENVINO_FOLDER}/libopenvino_intel_cpu_plugin.so
     ${OPENVINO_FOLDER}/libopenvino_onnx_frontend.so.* ${OPENVINO_FOLDER}/libopenvino_tensorflow_lite_frontend.so.*
     ${OPENVINO_FOLDER}/libopenvino_ir_frontend.so.*  # reads compiled networks from the cache
     ${OPENVINO_FOLDER}/libtbb* ${OPENVINO_FOLDER}/libhwloc*)
install(FILES ${OPENVINO_PARTS} DESTINATION ${REGARD_PARTS} COMPONENT program)

# The headers that `header` includes, and those that they include, as paths under src; added to the list `found`.
function(regard_reached header found)
  if(header IN_LIST ${found})
    return()
  endif()
  list(APPEND ${found} ${header})
  # Configured anew when an include changes.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS src/${header})
  file(STRINGS src/${header} lines REGEX "^#include \"regard/")
  foreach(line ${lines})
    string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included ${line})
    regard_reached(${included} ${found})
  endforeach()
  set(${found} ${${found}} PARENT_SCOPE)
endfunction()

regard_reached(regard/regard.h PUBLIC_HEADERS)
foreach(header ${PUBLIC_HEADERS})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES src/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder} COMPONENT development)
endforeach()
install(DIRECTORY models samples recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/regard COMPONENT program)

foreach(shell bash zsh fish)
  add_custom_command(OUTPUT completion.${shell} DEPENDS regard_cli regard_lab
                     COMMAND regard_cli completion ${shell} > completion.${shell})
  list(APPEND COMPLETIONS ${CMAKE_CURRENT_BINARY_DIR}/completion.${shell})
endforeach()
add_custom_target(regard_completions ALL DEPENDS ${COMPLETIONS})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completion.bash RENAME regard
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completion.zsh RENAME _regard
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT program)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/completion.fish RENAME regard.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)

install(EXPORT regardTargets NAMESPACE regard:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/regard
        COMPONENT development)
configure_package_config_file(cmake/regardConfig.cmake.in regardConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/regard)
write_basic_package_version_file(regardConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/regardConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/regardConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/regard COMPONENT development)
