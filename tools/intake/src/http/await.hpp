// Lets a coroutine of the serving thread wait for work that another thread does.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace koku::intake {

/// Begins work: is given a function that takes the result and has to be called exactly once, from any thread.
template <class Result>
using Start = std::function<void(std::function<void(Result)>)>;

/// The coroutine goes on with the result on its own thread. Give it a variable: compilers of the day destroy temporary
/// objects in the arguments of co_await too early.
template <class Result>
boost::asio::awaitable<Result> await_result(const Start<Result>& start) {
  namespace asio = boost::asio;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result)>(
      [](auto handler, const Start<Result>& begin) {
        const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        begin([shared](Result result) {
          asio::post(asio::get_associated_executor(*shared),
                     [shared, result = std::move(result)]() mutable { (*shared)(std::move(result)); });
        });
      },
      asio::use_awaitable, start);
}

}  // namespace koku::intake
