using System.Net;
using System.Text;
using System.Text.Json;
using Looper.Core.Numerics;

namespace Looper.Web.Tests.Api;

public sealed class FuzzTests(BannerApp banner) : IClassFixture<BannerApp>
{
    private const int Requests = 10_000;

    private static readonly (string Route, string Json)[] Good =
    [
        ("/v1/decisions", """{"decisionPoint":"banner","unit":"u-1","context":{"country":"NL","cartValue":83.5,"a":{"b":[1,2]}},"explain":false}"""),
        ("/v1/observations", """{"unit":"u-1","outcomes":{"purchase":true,"revenue":24.9,"clicks":2},"time":"2026-01-02T03:04:05Z"}"""),
        ("/v1/decisions/batch", """{"items":[{"decisionPoint":"banner","unit":"u-1"},{"decisionPoint":"banner","unit":"u-2","context":{"cartValue":1}}]}"""),
        ("/v1/observations/batch", """{"items":[{"decisionId":"d-1","outcomes":{"purchase":1}},{"unit":"u-2","outcomes":{"revenue":3}}]}"""),
    ];

    private static readonly string[] Poison =
    [
        "1e400", "-1e400", "NaN", "Infinity", "\"\\ud800\"", "\"\\u0000\"", "null", "true", "[]", "{}", "\"\"", "0", "-0", "1E-400", "9007199254740993", "\"💥\"",
        "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}",
        "\"" + new string('x', 2_000) + "\"", "[" + string.Concat(Enumerable.Repeat("0,", 2_000)) + "0]", "{\"purchase\":1,\"purchase\":2}", "\"2026-13-45T99:99:99Z\"", "1.5.5", "0x10", "'x'", "\"\t\"",
    ];

    [Fact]
    public async Task S4_no_mutated_request_is_answered_with_a_fault_of_ours()
    {
        const long seed = 4;
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<HttpStatusCode, int>();
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, stop) =>
        {
            var random = new Philox(seed, "S4", i);
            var (route, json) = Good[i % Good.Length];
            var body = Mutated(Encoding.UTF8.GetBytes(json), random);
            using var answer = await banner.Client.SendAsync(route, body);
            statuses.AddOrUpdate(answer.StatusCode, 1, (_, n) => n + 1);
            var text = await answer.Content.ReadAsStringAsync(stop);
            if (Wrong(answer, text) is { } wrong) failures.Add($"{wrong}: {route} {Encoding.Latin1.GetString(body)} → {(int)answer.StatusCode} {text}");
        });
        Assert.True(failures.IsEmpty, $"id S4, seed {seed}, N {Requests}, failures {failures.Count}, bound {3.0 / Requests:P2}\n{string.Join('\n', failures.Take(5))}");
        Assert.True(statuses.Keys.Count >= 4, $"the mutations reach too little: {string.Join(", ", statuses)}");
    }

    private static string? Wrong(HttpResponseMessage answer, string text)
    {
        if ((int)answer.StatusCode >= 500) return "a fault";
        var type = answer.Content.Headers.ContentType?.MediaType;
        try
        {
            using var json = JsonDocument.Parse(text);
            if (answer.IsSuccessStatusCode) return type == "application/json" ? null : "not JSON";
            return type == "application/problem+json" && json.RootElement.GetProperty("code").GetString() is { Length: > 0 } ? null : "not a problem";
        }
        catch (JsonException)
        {
            return "no JSON in the answer";
        }
    }

    private static byte[] Mutated(byte[] body, Philox random)
    {
        for (var changes = 1 + random.Below(3); changes > 0; changes--)
        {
            var at = random.Below(Math.Max(1, body.Length));
            body = random.Below(8) switch
            {
                0 => body[..at],
                1 => [.. body[..at], (byte)random.Below(256), .. body[at..]],
                2 when body.Length > 0 => [.. body[..at], (byte)random.Below(256), .. body[(at + 1)..]],
                3 when body.Length > 0 => [.. body[..at], .. body[Math.Min(body.Length, at + 1 + random.Below(20))..]],
                4 => [.. body, .. body],
                _ => Replaced(body, random),
            };
        }
        return body;
    }

    /// <summary>Puts something else where a value stands.</summary>
    private static byte[] Replaced(byte[] body, Philox random)
    {
        var text = Encoding.Latin1.GetString(body);
        var colons = Enumerable.Range(0, text.Length).Where(i => text[i] is ':' or '[').ToList();
        if (colons.Count == 0) return body;
        var start = colons[random.Below(colons.Count)] + 1;
        var end = text.IndexOfAny([',', '}', ']'], start);
        if (end < 0) end = text.Length;
        return [.. body[..start], .. Encoding.UTF8.GetBytes(Poison[random.Below(Poison.Length)]), .. body[end..]];
    }
}
