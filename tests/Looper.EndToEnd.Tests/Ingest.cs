using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Looper.EndToEnd.Tests;

/// <summary>Writers at full speed, and the ledger of what the server acknowledged to them: written down before the next call.</summary>
public sealed class Ingest
{
    public const string Point = "checkout-banner";

    public static JsonObject Blueprint { get; } = (JsonObject)JsonNode.Parse("""
        {
          "shape": "choice", "options": [ { "key": "a" }, { "key": "b" }, { "key": "none" } ], "default": "none",
          "features": [ { "name": "cartValue", "kind": "number" }, { "name": "country", "kind": "category" } ],
          "outcomes": [ { "name": "purchase", "kind": "boolean", "aggregation": "any" }, { "name": "revenue", "kind": "number", "aggregation": "sum" } ],
          "goal": { "terms": [ { "outcome": "purchase", "weight": 1 } ] },
          "policy": { "kind": "random" }
        }
        """)!;

    private int _number;

    /// <summary>Decision id → the option that was answered.</summary>
    public ConcurrentDictionary<string, string> Decided { get; } = [];

    /// <summary>Observation id, with the outcome, as it must be stored.</summary>
    public ConcurrentDictionary<string, byte> Observed { get; } = [];

    /// <summary>Calls that were neither acknowledged nor cut off.</summary>
    public ConcurrentBag<string> Refused { get; } = [];

    /// <summary>Calls whose connection ended before the answer. A server that stops closes connections on which it has read no call.</summary>
    public ConcurrentBag<string> Cut { get; } = [];

    /// <summary>Ids of decisions and observations that were sent and not answered.</summary>
    public ConcurrentDictionary<string, byte> Unanswered { get; } = [];

    /// <summary>Mixes decide, observe and batches until cancelled, or until the server is gone.</summary>
    public Task RunAsync(HttpClient client, int writers, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, writers).Select(w => WriteAsync(client, w, stop)));

    private async Task WriteAsync(HttpClient client, int writer, CancellationToken stop)
    {
        try
        {
            for (var turn = writer; !stop.IsCancellationRequested; turn++)
            {
                if (turn % 10 == 0) await DecideBatchAsync(client);
                else if (turn % 10 == 5) await ObserveBatchAsync(client);
                else if (turn % 2 == 0) await DecideAsync(client);
                else await ObserveAsync(client);
            }
        }
        catch (HttpRequestException fault)
        {
            // The server is gone: what was under way is acknowledged to nobody.
            if (fault.HttpRequestError != HttpRequestError.ConnectionError) Cut.Add($"{fault.HttpRequestError} {fault.Message}");
        }
        catch (IOException fault)
        {
            Cut.Add(fault.Message);
        }
    }

    private async Task DecideAsync(HttpClient client)
    {
        var call = Decision();
        using var answer = await SendAsync(client, "/v1/decisions", call, [call]);
        var body = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != HttpStatusCode.OK) Refused.Add($"{(int)answer.StatusCode} {body}");
        else Decided[call["decisionId"]!.GetValue<string>()] = Option(JsonNode.Parse(body)!);
    }

    private async Task DecideBatchAsync(HttpClient client)
    {
        var calls = Enumerable.Range(0, 100).Select(_ => Decision()).ToArray();
        using var answer = await SendAsync(client, "/v1/decisions/batch", new { items = calls }, calls);
        var body = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            Refused.Add($"{(int)answer.StatusCode} {body}");
            return;
        }
        var items = JsonNode.Parse(body)!["items"]!.AsArray();
        for (var i = 0; i < calls.Length; i++)
        {
            if (items[i]!["status"]!.GetValue<int>() == 200) Decided[calls[i]["decisionId"]!.GetValue<string>()] = Option(items[i]!["result"]!);
            else Refused.Add(items[i]!.ToJsonString());
        }
    }

    private async Task ObserveAsync(HttpClient client)
    {
        var call = Observation();
        using var answer = await SendAsync(client, "/v1/observations", call, [call]);
        if (answer.StatusCode != HttpStatusCode.Accepted) Refused.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        else Note(call);
    }

    private async Task ObserveBatchAsync(HttpClient client)
    {
        var calls = Enumerable.Range(0, 100).Select(_ => Observation()).ToArray();
        using var answer = await SendAsync(client, "/v1/observations/batch", new { items = calls }, calls);
        var body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            Refused.Add($"{(int)answer.StatusCode} {body}");
            return;
        }
        var items = JsonNode.Parse(body)!["items"]!.AsArray();
        for (var i = 0; i < calls.Length; i++)
        {
            if (items[i]!["status"]!.GetValue<int>() == 202) Note(calls[i]);
            else Refused.Add(items[i]!.ToJsonString());
        }
    }

    private async Task<HttpResponseMessage> SendAsync<T>(HttpClient client, string path, T body, JsonObject[] calls)
    {
        string[] ids = [.. calls.Select(c => (c["observationId"] ?? c["decisionId"])!.GetValue<string>())];
        foreach (var id in ids) Unanswered[id] = 0;
        var answer = await client.PostAsJsonAsync(path, body); // read to its end
        foreach (var id in ids) Unanswered.TryRemove(id, out _);
        return answer;
    }

    private JsonObject Decision()
    {
        var number = Interlocked.Increment(ref _number);
        return new()
        {
            ["decisionPoint"] = Point, ["unit"] = $"user-{number % 5_000}", ["decisionId"] = $"d-{number}",
            ["context"] = new JsonObject { ["cartValue"] = number % 97, ["country"] = number % 3 == 0 ? "NL" : "DE" },
        };
    }

    // Some name a decision that was made, some one that will be, some a unit.
    private JsonObject Observation()
    {
        var number = Interlocked.Increment(ref _number);
        var call = new JsonObject { ["observationId"] = $"o-{number}", ["outcomes"] = new JsonObject { ["purchase"] = true, ["revenue"] = number % 50 } };
        if (number % 5 == 0) call["unit"] = $"user-{number % 5_000}";
        else call["decisionId"] = $"d-{number - 20 + number % 41}";
        return call;
    }

    private void Note(JsonObject call)
    {
        for (var place = 0; place < call["outcomes"]!.AsObject().Count; place++) Observed[$"{call["observationId"]}/{place}"] = 0;
    }

    public static string Option(JsonNode answer) => answer["recorded"]?.GetValue<bool>() == false ? "not recorded" : answer["decision"]!.GetValue<string>();
}
