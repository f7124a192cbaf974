# Where the parts come from: Debian's packages, and the wheels of OpenVINO and torch in the project's .venv
# (`make setup` makes it), which bring headers, libraries and CMake files along.
file(GLOB WHEELS ${CMAKE_CURRENT_SOURCE_DIR}/.venv/lib/python3*/site-packages)
list(APPEND CMAKE_PREFIX_PATH ${WHEELS}/openvino/cmake ${WHEELS}/torch)

find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)

if(REGARD_RUNTIME)
  find_package(CLI11 REQUIRED)
  find_package(tomlplusplus REQUIRED)
  find_package(libzip REQUIRED)
  find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs)
  find_package(OpenVINO REQUIRED COMPONENTS Runtime)
  find_package(Protobuf REQUIRED)
  # Debian's ONNX ships no CMake file that names its definitions.
  find_library(ONNX_PROTO onnx_proto REQUIRED)
  add_library(regard_onnx INTERFACE)
  target_compile_definitions(regard_onnx INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
  target_link_libraries(regard_onnx INTERFACE ${ONNX_PROTO} protobuf::libprotobuf)
endif()

if(REGARD_TRAIN)
  if(NOT REGARD_RUNTIME)
    find_package(CLI11 REQUIRED)
    find_package(tomlplusplus REQUIRED)
  endif()
  find_package(Torch REQUIRED)
endif()

if(REGARD_TESTS)
  find_package(GTest REQUIRED)
endif()
