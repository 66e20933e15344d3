#include "provider-dispatcher/core/cost_compare.hpp"

#include <algorithm>
#include <tuple>

namespace carillon::dispatcher {

namespace {

using Members = std::vector<const Price*>;

Way fill(Members members, std::int64_t units) {
  std::ranges::stable_sort(members, std::ranges::greater{}, &Price::free_units);
  Way way;
  way.units = units;
  std::int64_t rest = units;
  for (const Price* price : members) {
    const std::int64_t free = std::min(rest, price->free_units);
    way.shares.push_back({price->provider, free, 0});
    way.free += free;
    rest -= free;
  }
  std::optional<std::size_t> cheapest;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i]->unit_price && (!cheapest || members[i]->unit_price < members[*cheapest]->unit_price)) cheapest = i;
  }
  if (cheapest) {
    way.shares[*cheapest].paid = rest;
    way.paid = rest;
    way.amount = *members[*cheapest]->unit_price * rest;
  } else {
    way.uncovered = rest;
  }
  return way;
}

bool each_sends(const Way& way) {
  return std::ranges::all_of(way.shares, [](const Share& share) { return share.free + share.paid > 0; });
}

}  // namespace

std::string Way::name() const {
  std::string text;
  for (const Share& share : shares) text += (text.empty() ? "" : " + ") + share.provider;
  return text;
}

std::vector<Way> ways_to_send(const PriceList& prices, events::Channel channel, std::int64_t units) {
  Members candidates;
  for (const Price& price : prices.all()) {
    if (price.channel == channel && !price.development) candidates.push_back(&price);
  }
  std::vector<Way> ways;
  for (unsigned chosen = 1; chosen < 1U << candidates.size(); ++chosen) {
    Members members;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if ((chosen >> i & 1U) != 0) members.push_back(candidates[i]);
    }
    Way way = fill(members, units);
    if (members.size() == 1 || each_sends(way)) ways.push_back(std::move(way));
  }
  std::ranges::stable_sort(ways, [](const Way& a, const Way& b) {
    const std::size_t a_members = a.shares.size(), b_members = b.shares.size();
    return std::tie(a.uncovered, a.amount, a_members) < std::tie(b.uncovered, b.amount, b_members);
  });
  return ways;
}

}  // namespace carillon::dispatcher
