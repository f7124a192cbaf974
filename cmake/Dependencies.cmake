# Where the parts come from: Debian's packages, and the wheels of OpenVINO and torch in the project's .venv
# (`make setup` makes it), which bring headers, libraries and CMake files along.
if(SKBUILD)  # pip builds the Python package: the wheels are those of the Python that it builds for
  execute_process(COMMAND ${Python_EXECUTABLE} -c
                  "import importlib.util as u, os; print(os.path.dirname(u.find_spec('openvino').submodule_search_locations[0]))"
                  OUTPUT_VARIABLE WHEELS OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
else()
  file(GLOB WHEELS ${CMAKE_CURRENT_SOURCE_DIR}/.venv/lib/python3*/site-packages)
endif()
list(APPEND CMAKE_PREFIX_PATH ${WHEELS}/openvino/cmake)

find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)

if(REGARD_RUNTIME)
  find_package(CLI11 REQUIRED)
  # OpenCV's CMake file comes with Debian's libopencv-dev only, which brings a hundred packages along.
  find_path(OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
  add_library(regard_opencv INTERFACE)
  target_include_directories(regard_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE})
  foreach(part core imgproc)
    find_library(OPENCV_${part} opencv_${part} REQUIRED)
    target_link_libraries(regard_opencv INTERFACE ${OPENCV_${part}})
  endforeach()
  set(OpenCV_LIBS regard_opencv)
  # Images. Debian's libwebp and libheif have no CMake files that serve.
  find_package(PkgConfig REQUIRED)
  find_package(JPEG REQUIRED)
  find_package(PNG REQUIRED)
  find_package(TIFF 4.5 REQUIRED)
  find_package(GIF 5 REQUIRED)
  pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux)
  pkg_check_modules(HEIF REQUIRED IMPORTED_TARGET libheif)
  pkg_check_modules(DAV1D REQUIRED IMPORTED_TARGET dav1d)
  # Video, for a library of its own (src/regard/video/libav).
  pkg_check_modules(LIBAV REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale)
  find_package(OpenVINO REQUIRED COMPONENTS Runtime)
  find_package(SQLite3 REQUIRED)
  # HTTP: Beast and Asio, headers only.
  find_path(BOOST_INCLUDE boost/beast/http.hpp REQUIRED)
  add_library(regard_boost INTERFACE)
  target_include_directories(regard_boost SYSTEM INTERFACE ${BOOST_INCLUDE})
  target_link_libraries(regard_boost INTERFACE Threads::Threads)
  # libzip's own CMake file wants its command-line tools installed, too.
  find_library(ZIP_LIBRARY zip REQUIRED)
  add_library(libzip::zip INTERFACE IMPORTED)
  target_link_libraries(libzip::zip INTERFACE ${ZIP_LIBRARY})
  # ONNX files are read and written with this library of headers, which shows nothing to other libraries: the protobuf
  # that another part of a process brings along is left alone.
  find_path(PROTOZERO_INCLUDE protozero/pbf_builder.hpp REQUIRED)
  add_library(protozero::protozero INTERFACE IMPORTED)
  target_include_directories(protozero::protozero SYSTEM INTERFACE ${PROTOZERO_INCLUDE})
endif()

if(REGARD_PARQUET)
  # Debian has no Arrow. The wheel's libraries have no names without a version, and no CMake files.
  set(REGARD_PYARROW "" CACHE PATH "The pyarrow to build with: .../site-packages/pyarrow; empty: .venv's")
  set(PYARROW ${REGARD_PYARROW})
  if(NOT PYARROW)
    set(PYARROW ${WHEELS}/pyarrow)
  endif()
  file(GLOB ARROW_LIBRARIES ${PYARROW}/libarrow.so.?*00 ${PYARROW}/libparquet.so.?*00)
  list(LENGTH ARROW_LIBRARIES found)
  if(NOT found EQUAL 2 OR NOT EXISTS ${PYARROW}/include/parquet/arrow/writer.h)
    message(FATAL_ERROR "REGARD_PARQUET: no libarrow.so and libparquet.so with their headers in ${PYARROW}. "
                        "`scripts/setup parquet` installs them; -DREGARD_PYARROW=<folder> names others.")
  endif()
  add_library(regard_arrow INTERFACE)
  target_include_directories(regard_arrow SYSTEM INTERFACE ${PYARROW}/include)
  target_link_libraries(regard_arrow INTERFACE ${ARROW_LIBRARIES})
endif()

if(REGARD_TRAIN)
  if(NOT REGARD_RUNTIME)
    find_package(CLI11 REQUIRED)
  endif()
  include(${CMAKE_CURRENT_LIST_DIR}/Torch.cmake)
endif()

if(REGARD_TESTS)
  find_package(GTest REQUIRED)
endif()
