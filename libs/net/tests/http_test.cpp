#include <ticker/net/http.hpp>

#include <gtest/gtest.h>

#include "test_server.hpp"

namespace ticker::net {
namespace {

using testing::RawClient;

HttpResponse text_response(std::string body) {
  HttpResponse response;
  response.headers = {{"Content-Type", "text/plain"}};
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

// Answers every request with its path.
void answer_with_path(TestServer& server) {
  server.http = [](const HttpRequest& request, const HttpResponder& responder) {
    responder.respond(text_response(request.path));
  };
}

std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) +
         "\r\n";
}

// One answer with a Content-Length.
std::string read_answer(RawClient& client) {
  std::string head = client.read_until("\r\n\r\n");
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? head : head + client.read(std::stoul(head.substr(at + 16)));
}

std::string status_of(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST(Http, GivesMethodPathQueryAndHeaders) {
  TestServer server;
  answer_with_path(server);
  const auto client = server.connect();

  client->send(get("/v1/tickers?symbols=a%2Cb&fields=bid", "X-One: 1\r\nx-one: 2\r\n"));
  const std::string answer = read_answer(*client);

  EXPECT_EQ(status_of(answer), "HTTP/1.1 200 OK");
  EXPECT_EQ(body_of(answer), "/v1/tickers");
  ASSERT_EQ(server.requests.size(), 1u);
  EXPECT_EQ(server.requests[0].method, "GET");
  EXPECT_EQ(server.requests[0].query, "symbols=a%2Cb&fields=bid");
  EXPECT_EQ(server.requests[0].query_value("symbols"), "a,b");
  EXPECT_EQ(server.requests[0].query_value("fields"), "bid");
  EXPECT_EQ(server.requests[0].query_value("field"), std::nullopt);
  EXPECT_EQ(server.requests[0].header("X-ONE"), "1, 2");
}

TEST(Http, AnswersRequestAfterRequestOnOneConnection) {
  TestServer server;
  answer_with_path(server);
  const auto client = server.connect();

  client->send(get("/a"));
  EXPECT_EQ(body_of(read_answer(*client)), "/a");
  client->send(get("/b"));

  EXPECT_EQ(body_of(read_answer(*client)), "/b");
  EXPECT_EQ(server.admitted.size(), 1u);
}

TEST(Http, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  answer_with_path(server);
  const auto client = server.connect();
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += get("/" + std::to_string(i));
  }

  client->send(requests);

  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(body_of(read_answer(*client)), "/" + std::to_string(i));
  }
}

TEST(Http, AnswersLaterWhenTheOwnerDoes) {
  TestServer server;
  std::vector<HttpResponder> waiting;
  server.http = [&](const HttpRequest&, HttpResponder responder) {
    waiting.push_back(std::move(responder));
  };
  const auto client = server.connect();
  client->send(get("/first") + get("/second"));
  ASSERT_TRUE(server.run_until([&] { return waiting.size() == 1; }));
  server.settle();
  EXPECT_EQ(waiting.size(), 1u);  // the second waits for the first's answer

  waiting[0].respond(text_response("one"));
  EXPECT_EQ(body_of(read_answer(*client)), "one");
  ASSERT_TRUE(server.run_until([&] { return waiting.size() == 2; }));
  waiting[0].respond(text_response("again"));
  waiting[1].respond(text_response("two"));

  EXPECT_EQ(body_of(read_answer(*client)), "two");
}

TEST(Http, DropsAnAnswerToAConnectionThatHasGone) {
  TestServer server;
  std::vector<HttpResponder> waiting;
  server.http = [&](const HttpRequest&, HttpResponder responder) {
    waiting.push_back(std::move(responder));
  };
  const auto client = server.connect();
  client->send(get("/"));
  ASSERT_TRUE(server.run_until([&] { return waiting.size() == 1; }));

  server.server.reset();
  waiting[0].respond(text_response("too late"));

  EXPECT_TRUE(client->at_end());
}

TEST(Http, TellsTheOwnerWhatItTurnedAway) {
  TestServer server;
  answer_with_path(server);
  for (const std::string& request :
       {std::string("nonsense\r\n\r\n"), get("/a", "Transfer-Encoding: chunked\r\n"),
        get("/stream", "Upgrade: websocket\r\nConnection: Upgrade\r\n"), get("/right")}) {
    const auto client = server.connect();
    client->send(request);
    read_answer(*client);
  }
  server.admission = Admission::kTooMany;
  const auto client = server.connect();
  client->send(get("/b"));
  read_answer(*client);

  EXPECT_EQ(server.refused, (std::vector<std::pair<std::string, int>>{
                                {"", 400}, {"", 501}, {"/stream", 426}, {"/b", 503}}));
}

TEST(Http, Answers500WhenTheOwnerForgets) {
  TestServer server;
  const auto client = server.connect();

  client->send(get("/"));

  EXPECT_EQ(status_of(read_answer(*client)), "HTTP/1.1 500 Internal Server Error");
}

TEST(Http, AnswersHeadWithoutTheBody) {
  TestServer server;
  answer_with_path(server);
  const auto client = server.connect();

  client->send("HEAD /path HTTP/1.1\r\nHost: test\r\n\r\n" + get("/next"));
  const std::string head = client->read_until("\r\n\r\n");

  EXPECT_NE(head.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(body_of(read_answer(*client)), "/next");
}

TEST(Http, Answers304WithoutBodyOrLength) {
  TestServer server;
  server.http = [](const HttpRequest&, const HttpResponder& responder) {
    HttpResponse response = text_response("not for 304");
    response.status = 304;
    responder.respond(std::move(response));
  };
  const auto client = server.connect();

  client->send(get("/", "Connection: close\r\n"));
  const std::string answer = client->read_to_end();

  EXPECT_EQ(status_of(answer), "HTTP/1.1 304 Not Modified");
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
  EXPECT_EQ(body_of(answer), "");
}

TEST(Http, SaysConnectionCloseWhereItCloses) {
  for (const std::string& request :
       {get("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\nHost: test\r\n\r\n")}) {
    TestServer server;
    answer_with_path(server);
    const auto client = server.connect();

    client->send(request);
    const std::string answer = client->read_to_end();

    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << request;
  }
}

TEST(Http, ClosesAfterAnswersOnceItStopsListening) {
  TestServer server;
  answer_with_path(server);
  const auto client = server.connect();
  client->send(get("/"));
  EXPECT_EQ(read_answer(*client).find("Connection: close"), std::string::npos);

  server.server->stop_listening();
  client->send(get("/"));

  EXPECT_NE(client->read_to_end().find("Connection: close\r\n"), std::string::npos);
}

TEST(Http, ReadsAndDropsABody) {
  TestServer server;
  answer_with_path(server);
  const auto client = server.connect();

  client->send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\n\r\n" +
               std::string(60000, 'x') + get("/b"));

  EXPECT_EQ(body_of(read_answer(*client)), "/a");
  EXPECT_EQ(body_of(read_answer(*client)), "/b");
}

TEST(Http, AnswersARequestWithoutABodyWhateverItExpects) {
  TestServer server;
  answer_with_path(server);
  const auto client = server.connect();

  client->send(get("/a", "Expect: 100-continue\r\n"));

  EXPECT_EQ(body_of(read_answer(*client)), "/a");
}

// What is refused before the owner hears of it.
struct Refused {
  std::string request;
  std::string status;
};

TEST(Http, RefusesWhatItCannotReadAndCloses) {
  const std::string start = "GET / HTTP/1.1\r\nHost: test\r\n";
  const std::vector<Refused> cases = {
      {"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 65537\r\n\r\n", "HTTP/1.1 413 "},
      {start + "Content-Length: -1\r\n\r\n", "HTTP/1.1 413 "},
      {start + "Content-Length: 0x\r\n\r\n", "HTTP/1.1 400 "},
      {start + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 400 "},
      {start + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 501 "},
      {start + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 417 "},
      {start + "X: " + std::string(16000, 'x') + "\r\n\r\n", "HTTP/1.1 431 "},
      {start + std::string(20000, 'x'), "HTTP/1.1 431 "},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/2.0\r\nHost: test\r\n\r\n", "HTTP/1.1 505 "},
      {"GET x HTTP/1.1\r\nHost: test\r\n\r\n", "HTTP/1.1 400 "},
      {"no request at all\r\n\r\n", "HTTP/1.1 400 "},
      {start + "bad header\r\n\r\n", "HTTP/1.1 400 "},
      {start + "Content-Length : 5\r\n\r\nhello", "HTTP/1.1 400 "},
      {start + ": 5\r\n\r\n", "HTTP/1.1 400 "},
      {start + "X: y\r\n Content-Length: 5\r\n\r\nhello", "HTTP/1.1 400 "},
      {start + "X: y\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 400 "},
      {start + "X: y\rContent-Length: 5\r\n\r\nhello", "HTTP/1.1 400 "},
      {start + "X: y" + std::string(1, '\0') + "z\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /" + std::string(1, '\0') + " HTTP/1.1\r\nHost: test\r\n\r\n", "HTTP/1.1 400 "},
  };
  for (const Refused& refused : cases) {
    TestServer server;
    const auto client = server.connect();

    client->send(refused.request);
    const std::string answer = client->read_to_end();

    EXPECT_EQ(answer.rfind(refused.status, 0), 0u) << refused.request << "\n" << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << refused.request;
    EXPECT_TRUE(server.requests.empty()) << refused.request;
  }
}

TEST(Http, WritesALargeBodyAsTheReaderTakesIt) {
  ServerOptions options;
  options.send_buffer_bytes = 4096;
  TestServer server(options);
  const auto body = std::make_shared<const std::string>(3'000'000, 'b');
  server.http = [&](const HttpRequest&, const HttpResponder& responder) {
    HttpResponse response;
    response.body = body;
    responder.respond(std::move(response));
  };
  testing::RawClientOptions client_options;
  client_options.receive_buffer_bytes = 4096;
  const auto client = server.connect(client_options);

  client->send(get("/"));
  ASSERT_TRUE(server.run_until([&] { return !server.requests.empty(); }));
  EXPECT_EQ(body.use_count(), 2);  // the answer holds the owner's bytes, no copy

  EXPECT_EQ(body_of(read_answer(*client)), *body);
  EXPECT_TRUE(server.run_until([&] { return body.use_count() == 1; }));
}

TEST(Http, CutsAReaderThatTakesNothing) {
  ServerOptions options;
  options.http_idle_timeout = std::chrono::milliseconds(50);
  options.send_buffer_bytes = 4096;
  TestServer server(options);
  server.http = [](const HttpRequest&, const HttpResponder& responder) {
    responder.respond(text_response(std::string(10'000'000, 'x')));
  };
  const auto client = server.connect();

  client->send(get("/"));

  EXPECT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
}

TEST(Http, ClosesAnIdleConnection) {
  ServerOptions options;
  options.http_idle_timeout = std::chrono::milliseconds(50);
  TestServer server(options);
  answer_with_path(server);
  const auto client = server.connect();
  client->send(get("/"));
  read_answer(*client);

  EXPECT_TRUE(client->at_end());
}

TEST(Http, LimitsTheTimeOfALaterRequestToo) {
  ServerOptions options;
  options.handshake_timeout = std::chrono::milliseconds(50);
  TestServer server(options);
  answer_with_path(server);
  const auto client = server.connect();
  client->send(get("/"));
  read_answer(*client);

  client->send("GET /slow");

  EXPECT_TRUE(client->at_end());
}

TEST(Http, LeavesOutHeadersThatWouldSplitTheAnswer) {
  TestServer server;
  server.http = [](const HttpRequest&, const HttpResponder& responder) {
    HttpResponse response = text_response("x");
    response.headers.emplace_back("X-Echo", "a\r\nSet-Cookie: stolen=1");
    responder.respond(std::move(response));
  };
  const auto client = server.connect();

  client->send(get("/"));

  EXPECT_EQ(read_answer(*client).find("Set-Cookie"), std::string::npos);
}

TEST(Http, DecodesPercentAndPlus) {
  EXPECT_EQ(percent_decode("a%2Cb+c", true), "a,b c");
  EXPECT_EQ(percent_decode("a+b", false), "a+b");
  EXPECT_EQ(percent_decode("%", false), "%");
  EXPECT_EQ(percent_decode("%4", false), "%4");
  EXPECT_EQ(percent_decode("%41", false), "A");
  EXPECT_EQ(percent_decode("%zz", false), "%zz");
}

}  // namespace
}  // namespace ticker::net
