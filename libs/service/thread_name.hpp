// Names the calling thread as `top -H`, perf and debuggers show it.
#pragma once
#include <pthread.h>

#include <string>
#include <string_view>

namespace carillon {

inline constexpr std::size_t thread_name_max = 15;  // Linux keeps no more

inline void name_this_thread(std::string_view name) {
  pthread_setname_np(pthread_self(), std::string(name.substr(0, thread_name_max)).c_str());
}

}  // namespace carillon
