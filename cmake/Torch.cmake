# torch: libtorch from a wheel's own files, or from an unpacked libtorch. Its CMake file is passed by: with a CUDA wheel
# it ends the configuration where there is no CUDA toolkit, which a program without kernels of its own does not need.
set(REGARD_TORCH "" CACHE PATH "The torch to build with: .../site-packages/torch; empty: .venv's, else that of python3")

# Sets TORCH to the folder of the torch that is to be used.
function(find_torch)
  execute_process(OUTPUT_VARIABLE of_python ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND
                  python3 -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])")
  set(folders ${REGARD_TORCH})
  if(NOT REGARD_TORCH)
    set(folders ${WHEELS}/torch ${of_python})
  endif()
  foreach(folder ${folders})
    if(EXISTS ${folder}/lib/libtorch.so)
      message(STATUS "torch: ${folder}")
      set(TORCH ${folder} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "REGARD_TRAIN: no libtorch. Expected lib/libtorch.so in one of: ${folders}. "
                      "`scripts/setup train` installs it; -DREGARD_TORCH=<folder> names another.")
endfunction()

find_torch()
add_library(torch INTERFACE)
target_include_directories(torch SYSTEM INTERFACE ${TORCH}/include ${TORCH}/include/torch/csrc/api/include)
# Of libstdc++'s two ABIs the one that wheels have been built with since torch 2.7, as Debian's libraries have.
target_compile_definitions(torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
target_link_libraries(torch INTERFACE ${TORCH}/lib/libtorch.so ${TORCH}/lib/libtorch_cpu.so ${TORCH}/lib/libc10.so)
# No symbol is taken from these; they add the GPU's kernels by being loaded.
foreach(library torch_cuda c10_cuda)
  if(EXISTS ${TORCH}/lib/lib${library}.so)
    target_link_libraries(torch INTERFACE -Wl,--push-state,--no-as-needed,${TORCH}/lib/lib${library}.so,--pop-state)
  endif()
endforeach()
# at::parallel_for is compiled into the caller, and without OpenMP it is a plain loop. It must be the wheel's libgomp:
# with two of them in one process, each would have threads of its own.
file(GLOB gomp ${TORCH}/lib/libgomp*.so*)
if(gomp AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(torch INTERFACE -fopenmp)
  target_link_libraries(torch INTERFACE ${gomp})
endif()
