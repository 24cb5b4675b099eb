using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Looper.Core.Numerics;
using Looper.Web.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed partial class FuzzTests(BannerApp banner) : IClassFixture<BannerApp>
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
        new string('[', 500) + new string(']', 500), "\"nowhere\"", "{\"purchse\":1}",
    ];

    private static readonly byte[][] NoText = [[0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]];

    [Fact]
    public async Task S4_no_mutated_request_is_answered_with_a_fault_of_ours()
    {
        const long seed = 4;
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        var codes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, stop) =>
        {
            var random = new Philox(seed, "S4", i);
            var (route, json) = Good[i % Good.Length];
            var body = Mutated(Encoding.UTF8.GetBytes(json), random);
            using var answer = await banner.Client.SendAsync(route, body);
            var text = await answer.Content.ReadAsStringAsync(stop);
            foreach (var code in Codes(text)) codes.AddOrUpdate(code, 1, (_, n) => n + 1);
            if (Wrong(answer, text) is { } wrong) failures.Add($"{wrong}: {route} {Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(body.Length, 2_000)))} → {(int)answer.StatusCode} {text}");
        });
        Assert.True(failures.IsEmpty, $"id S4, seed {seed}, N {Requests}, failures {failures.Count}, bound {3.0 / Requests:P2}\n{string.Join('\n', failures.Take(5))}");
        foreach (var code in new[] { "request.malformed", "request.too-large", "request.invalid", "outcome.unknown", "decision-point.unknown" })
            Assert.True(codes.GetValueOrDefault(code) >= 20, $"the mutations reach too little: {string.Join(", ", codes)}");
    }

    [Theory]
    [InlineData("/v1/decisions", DataRoutes.DecideBytes)]
    [InlineData("/v1/observations", DataRoutes.CallBytes)]
    [InlineData("/v1/decisions/batch", DataRoutes.BatchBytes)]
    [InlineData("/v1/observations/batch", DataRoutes.BatchBytes)]
    public async Task S18_a_body_at_its_limit_is_read_and_one_byte_more_is_refused(string route, long limit)
    {
        var at = Encoding.UTF8.GetBytes("{}" + new string(' ', (int)limit - 2));
        using var read = await banner.Client.SendAsync(route, at);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, read.StatusCode);
        await Problem.IsAsync(await banner.Client.SendAsync(route, [.. at, (byte)' ']), HttpStatusCode.RequestEntityTooLarge, "request.too-large");
    }

    // The codes of an answer, its items' included.
    private static IEnumerable<string> Codes(string text) => CodePattern().Matches(text).Select(m => m.Groups[1].Value).Distinct();

    [GeneratedRegex("\"code\":\"([a-z.-]+)\"")]
    private static partial Regex CodePattern();

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
        if (random.Below(100) == 0) return [.. body[..^1], .. Encoding.UTF8.GetBytes($",\"padding\":\"{new string('x', (int)DataRoutes.CallBytes + random.Below(1_000))}\""), .. body[^1..]];
        for (var changes = 1 + random.Below(3); changes > 0; changes--)
        {
            var at = random.Below(Math.Max(1, body.Length));
            body = random.Below(9) switch
            {
                0 => body[..at],
                1 => [.. body[..at], (byte)random.Below(256), .. body[at..]],
                2 when body.Length > 0 => [.. body[..at], (byte)random.Below(256), .. body[(at + 1)..]],
                3 when body.Length > 0 => [.. body[..at], .. body[Math.Min(body.Length, at + 1 + random.Below(20))..]],
                4 => [.. body, .. body],
                5 => [.. body[..at], .. NoText[random.Below(NoText.Length)], .. body[at..]],
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
