#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/feed/adapter.hpp>

#include "json_venues.hpp"

namespace ticker::feed {

// Messages of each venue that come all day.
inline const std::map<std::string_view, std::vector<std::string>>& samples() {
  static const std::vector<std::string> binance{
      R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":400900217,"s":"BTCUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000","T":1568014460891,"E":1568014460893}})",
      R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1672515782136,"s":"BTCUSDT","t":12345,"p":"0.001","q":"100","T":1672515782136,"X":"MARKET","m":true}})",
      R"({"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":1672515782136,"s":"BTCUSDT","c":"0.0025","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18"}})",
      R"({"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":157,"u":160,"b":[["0.0024","10"]],"a":[["0.0026","100"]]}})"};
  static const std::map<std::string_view, std::vector<std::string>> all{
      {"binance-spot", binance},
      {"binance-usdm", binance},
      {"binance-coinm", binance},
      {kJsonWebSocket,
       {R"([{"T":"q","S":"BAT/USD","bp":0.35718,"bs":13445.46,"ap":0.3581,"as":13561.902,"t":"2024-03-12T10:29:43.111588173Z"}])",
        R"([{"T":"t","S":"AVAX/USD","p":47.299,"s":29.205707815,"t":"2024-03-12T10:27:48.858228144Z","i":3447222699101865076,"tks":"S"}])",
        R"([{"T":"success","msg":"connected"}])", R"([{"T":"b","S":"SPY","o":388.985,"h":389.13}])"}},
      {"coinbase-exchange",
       {R"({"type":"ticker","sequence":37475248783,"product_id":"ETH-USD","price":"1285.22","open_24h":"1310.79","volume_24h":"245532.79269678","low_24h":"1280.52","high_24h":"1313.8","best_bid":"1285.04","best_bid_size":"0.46688654","best_ask":"1285.27","best_ask_size":"1.56637040","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"})",
        R"({"type":"match","trade_id":881613,"side":"sell","size":"0.04","price":"14.7775","product_id":"ETH-USD","sequence":37475248784,"time":"2021-04-17T16:43:30.244075Z"})",
        R"({"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"ETH-USD","time":"2014-11-07T08:19:28.464459Z"})"}},
      {"coinbase-advanced",
       {R"({"channel":"ticker","timestamp":"2023-02-09T20:30:37.167359596Z","sequence_num":0,"events":[{"type":"update","tickers":[{"type":"ticker","product_id":"BTC-USD","price":"21932.98","volume_24_h":"16038.28770938","price_percent_chg_24_h":"-4.15775596190603","best_bid":"21931.98","best_bid_quantity":"8000.21"}]}]})",
        R"({"channel":"market_trades","timestamp":"2023-02-09T20:19:35.39625135Z","sequence_num":1,"events":[{"type":"update","trades":[{"trade_id":"12","product_id":"BTC-USD","price":"1260.01","size":"0.3","side":"BUY","time":"2019-08-14T20:42:27.265Z"},{"trade_id":"11","product_id":"BTC-USD","price":"1260.01","size":"0.3","side":"SELL","time":"2019-08-14T20:42:27.265Z"}]}]})",
        R"({"channel":"l2_data","timestamp":"x","sequence_num":2,"events":[{"type":"update","product_id":"BTC-USD","updates":[{"side":"bid","price_level":"1","new_quantity":"0"}]}]})"}},
      {"kraken-v1",
       {R"([1668,{"a":["13.253900",35,"35.72892241"],"b":["13.232900",185,"185.18432037"],"c":["13.253900","3.71672000"],"v":["26560.85364463","72035.05488104"],"p":["13.529003","13.734728"],"t":[640,1353],"l":["13.021800","13.021800"],"h":["13.942000","14.211200"],"o":["13.804000","13.428300"]},"ticker","WAVES/EUR"])",
        R"([993,[["354.11000000","0.89594024","1618678142.557535","s","l",""]],"trade","WAVES/EUR"])",
        R"([464,{"a":[["56218.30000","0.15000000","1618678117.243818"]],"c":"974942666"},"book-1000","WAVES/EUR"])",
        R"({"event":"heartbeat"})"}},
      {"kraken-v2",
       {R"({"channel":"ticker","type":"update","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740.0,"ask":0.10035,"ask_qty":740.0,"last":0.10035,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,"high":0.10285,"change":-0.00017,"change_pct":-0.17,"timestamp":"2023-09-25T09:04:31.742648Z"}]})",
        R"({"channel":"trade","type":"update","data":[{"symbol":"ALGO/USD","side":"sell","price":0.5117,"qty":40.0,"ord_type":"market","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]})",
        R"({"channel":"heartbeat"})"}},
      {"bitfinex",
       {R"({"event":"subscribed","channel":"ticker","chanId":1,"symbol":"tBTCUSD","pair":"BTCUSD"})",
        R"([1,[7616.5,31.89055171,7617.5,43.358118629999986,-550.8,-0.0674,7617.1,8314.71200815,8257.8,7500],7])",
        R"({"event":"subscribed","channel":"trades","chanId":2,"symbol":"tBTCUSD","pair":"BTCUSD"})",
        R"([2,"te",[658733916,1617643611128,-0.7574881,230890],394])", R"([1,"hb",395])"}},
      {"bitstamp",
       {R"({"data":{"timestamp":"1641343691","microtimestamp":"1641343691310202","bids":[["1.15979","993.02588113"],["1.14866","7758.51900928"]],"asks":[["1.17438","853.01809477"]]},"channel":"order_book_btcusd","event":"data"})",
        R"({"data":{"id":216000477,"timestamp":"1641343699","amount":0.0792,"amount_str":"0.07920000","price":3805.44,"price_str":"3805.44","type":0,"microtimestamp":"1641343699596000","buy_order_id":1443875737346049},"channel":"live_trades_btcusd","event":"trade"})",
        R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})"}},
      {"bybit-linear",
       {R"({"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT","price24hPcnt":"-0.158315","lastPrice":"66666.60","bid1Price":"66666.60","bid1Size":"23789.165"},"cs":9532239429,"ts":1760325052630})", R"({"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","bid1Price":"79114.50","bid1Size":"1.496"},"cs":9532239430,"ts":1787590405983})", R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617},{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.002","p":"16578.50","L":"ZeroPlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023b0","BT":false,"seq":1783284617},{"T":1672304486865,"s":"BTCUSDT","S":"Sell","v":"0.003","p":"16578.00","L":"MinusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023b1","BT":false,"seq":1783284618}]})"}},
      {"bybit-spot",
       {R"({"topic":"orderbook.1.BTCUSDT","ts":1672304484978,"type":"snapshot","data":{"s":"BTCUSDT","b":[["16493.50","0.006"]],"a":[["16611.00","0.029"]],"u":18521288,"seq":7961638724},"cts":1672304484976})",
        R"({"topic":"tickers.BTCUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,"data":{"symbol":"BTCUSDT","lastPrice":"21109.77","price24hPcnt":"0.0196"}})",
        R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","i":"2290000000007764263","BT":false,"seq":1783284617},{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.002","p":"16578.50","i":"2290000000007764264","BT":false,"seq":1783284617},{"T":1672304486865,"s":"BTCUSDT","S":"Sell","v":"0.003","p":"16578.00","i":"2290000000007764265","BT":false,"seq":1783284618}]})"}},
      {"okx",
       {R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"30236","lastSz":"0.0002","askPx":"30228.7","askSz":"1.55896972","bidPx":"30228.6","bidSz":"0.23393","open24h":"29700.4","high24h":"31073","low24h":"28020.3","volCcy24h":"525802090.62716611","vol24h":"17602.13085371","ts":"1652459224956"}]})",
        R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","ts":"1630048897897","count":"3","source":"0","seqId":1234}]})",
        R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["8476.98","415","0","13"]],"bids":[],"ts":"1597026383085"}]})"}}};
  return all;
}

// What an adapter needs to read its samples.
inline Adapter::Options options_of(std::string_view kind) {
  return kind == kJsonWebSocket ? alpaca() : Adapter::Options();
}

}  // namespace ticker::feed
