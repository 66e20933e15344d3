# Every third-party part comes from a Debian 12 package; ./dev installs them.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(date REQUIRED)
find_package(spdlog REQUIRED)
find_package(Catch2 2.13 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
find_package(prometheus-cpp REQUIRED)
find_library(BOOST_URL boost_url REQUIRED)

# Records are made by one thread and freed by another, which glibc's allocator is slow at; the sanitizers bring their own.
find_library(JEMALLOC jemalloc REQUIRED)
