# What a wheel of the Python package holds, in place of what cmake/Install.cmake installs:
#   regard/                  the module, its stub, and what is plain Python
#   regard/lib/              libregard.so, without a version in its name: wheels hold no links; libregard_video.so, which
#                            is loaded for videos and takes FFmpeg's libraries from the system
#   regard/share/regard/     the shipped models, where the library looks for them
# OpenVINO's libraries come from its own wheel, next to ours in site-packages. They are found by RPATH and not by
# RUNPATH, which would not hold for the libraries that these load in turn.
set_target_properties(regard PROPERTIES INSTALL_RPATH "$ORIGIN/../../openvino/libs")
set_target_properties(regard_python PROPERTIES INSTALL_RPATH "$ORIGIN/lib;$ORIGIN/../openvino/libs")
set_target_properties(regard_video_module PROPERTIES INSTALL_RPATH "$ORIGIN")
foreach(target regard regard_python regard_video_module)
  target_link_options(${target} PRIVATE -Wl,--disable-new-dtags)
endforeach()

install(TARGETS regard_python LIBRARY DESTINATION regard COMPONENT python)
install(TARGETS regard regard_video_module LIBRARY DESTINATION regard/lib COMPONENT python)
foreach(file __init__.py _types.py _core.pyi py.typed)
  install(FILES ${REGARD_PACKAGE}/${file} DESTINATION regard COMPONENT python)
endforeach()
install(DIRECTORY models DESTINATION regard/share/regard COMPONENT python)
