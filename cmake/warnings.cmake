# Warnings are errors in our own code; headers of packages are included as system headers.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference
                    -Wimplicit-fallthrough -Werror
                    # GCC 12 reports these inside inlined std::string and coroutine frames; see gcc bugs 105329, 105651.
                    -Wno-restrict -Wno-maybe-uninitialized -Wno-null-dereference -Wno-missing-field-initializers)
