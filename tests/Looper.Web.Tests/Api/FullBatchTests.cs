using System.Text.Json.Nodes;
using Looper.Core.Events;
using Looper.Web.Api;
using Microsoft.AspNetCore.Http;

namespace Looper.Web.Tests.Api;

/// <summary>What a batch is answered when the journal has no room.</summary>
public sealed class FullBatchTests
{
    private static readonly DataFault s_full = DataFault.Of(AppendStatus.Full, "")!;

    [Fact]
    public async Task One_of_which_nothing_is_let_in_is_refused_as_a_whole()
    {
        var (http, answer) = await WriteAsync([new(s_full, 0), new(s_full, 0)]);
        Assert.Equal((429, "1", "application/problem+json"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString(), http.Response.ContentType));
        Assert.Equal("journal.full", (string?)answer["code"]);
    }

    [Fact]
    public async Task One_of_which_something_was_answered_otherwise_keeps_an_answer_for_each()
    {
        var (http, answer) = await WriteAsync([new(s_full, 0), new(DataFault.UnknownPoint("none"), 0), new(s_full, 0), new(null, 7)]);
        Assert.Equal((200, "1"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
        Assert.Equal([429, 404, 429, 200], answer["items"]!.AsArray().Select(i => (int)i!["status"]!));
        Assert.Equal(7, (int)answer["items"]![3]!["result"]!);
    }

    [Fact]
    public async Task An_empty_one_is_answered_with_none()
    {
        var (http, answer) = await WriteAsync([]);
        Assert.Equal(200, http.Response.StatusCode);
        Assert.Empty(answer["items"]!.AsArray());
    }

    [Theory, InlineData(1), InlineData(7), InlineData(1_000)]
    public async Task Each_stands_in_its_place_whichever_writer_wrote_it(int count)
    {
        BatchItem<int>[] items = [.. Enumerable.Range(0, count).Select(i => new BatchItem<int>(i % 5 == 4 ? new DataFault(404, "unit.unknown", "No.") : null, i))];
        var (_, answer) = await WriteAsync(items, static (in int result, Span<byte> to, out int length) =>
        {
            length = 0;
            if (result % 7 == 3 || to.Length < FlatAnswer.MostBytes) return false;
            var text = $"{{\"status\":200,\"result\":{result},\"long\":\"{new string('x', result % 900)}\"}}";
            length = System.Text.Encoding.UTF8.GetBytes(text, to);
            return true;
        });
        var written = answer["items"]!.AsArray();
        Assert.Equal(items.Select(i => i.Fault is null ? (200, i.Result) : (404, -1)), written.Select(w => ((int)w!["status"]!, w["result"] is { } result ? (int)result : -1)));
        Assert.All(written.Where((_, i) => i % 5 != 4), (w, _) => Assert.Equal((int)w!["result"]! % 7 != 3, w["long"] is not null));
    }

    private static async Task<(HttpContext Http, JsonNode Answer)> WriteAsync(BatchItem<int>[] items, FlatItemWriter<int>? flat = null)
    {
        var (http, body) = (new DefaultHttpContext(), new MemoryStream());
        http.Response.Body = body;
        await BatchAnswer.WriteAsync<int>(http, items, 200, static (json, result) => json.WriteNumber("result"u8, result), flat);
        body.Position = 0;
        return (http, (await JsonNode.ParseAsync(body))!);
    }
}
