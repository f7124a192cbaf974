# Debian packages of what is installed, a package for each component: `cpack -G DEB`, or `make deb`.
#   regard            the program, the library, the parts of OpenVINO that it loads, models, samples, recipes
#   regard-video      what reads videos: FFmpeg's libraries
#   regard-server     `regard serve`, its systemd unit, an example for nginx
#   libregard-dev     headers, and files for find_package(regard)
# What of the system's libraries they depend on is read off the files. They fit the release that they are built on.
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program video server development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The regard developers")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_CURRENT_BINARY_DIR}/src/regard ${OPENVINO_FOLDER})

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # which would begin each description
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME regard)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS regard-video)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS regard-server)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "facial expression recognition: program, library, models
For faces that are partly hidden or turned away. Videos want regard-video, HTTP regard-server.")

set(CPACK_DEBIAN_VIDEO_PACKAGE_NAME regard-video)
set(CPACK_DEBIAN_VIDEO_DESCRIPTION "facial expression recognition: videos
What regard reads and writes videos with.")

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME regard-server)
set(CPACK_DEBIAN_SERVER_DESCRIPTION "facial expression recognition: server
A page for browsers, HTTP for programs, and the Open Inference Protocol.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libregard-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "facial expression recognition: development files
Headers of the C++ library, and files for CMake.")

foreach(component VIDEO SERVER DEVELOPMENT)
  set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS "regard (= ${PROJECT_VERSION})")
endforeach()
foreach(component program video server development)
  string(TOUPPER ${component} upper)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} RENAME copyright
          COMPONENT ${component})
endforeach()
include(CPack)
