# Faster builds where the tools are present: ccache for compiling, mold for linking.
# "Dev" is what developers and tests build: -O1 keeps compiling quick and stack traces readable.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1" CACHE STRING "Flags of the Dev build type" FORCE)
# GCC 12 at -O2 reports these inside inlined std::string and std::optional where nothing is wrong (gcc bug 105329).
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread" CACHE STRING "Flags of the Release build type" FORCE)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers need these to be cached at all.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  add_compile_options(-fpch-preprocess)
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
