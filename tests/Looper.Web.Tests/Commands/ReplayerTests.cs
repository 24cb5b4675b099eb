using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core.Files;
using Looper.Web.Commands.Replay;

namespace Looper.Web.Tests.Commands;

public class ReplayerTests
{
    private const string Rows = "customer,recency,segment,visit\na,10,Mens,1\nb,,Womens,0\nc,3,None,1\n";

    [Fact]
    public async Task Outcomes_are_reported_only_where_the_decision_is_the_one_in_the_file()
    {
        var server = new Server(_ => "Womens");
        var result = await ReplayAsync(server);
        Assert.Equal((3, 3, 1, 1), (result.Rows, result.Decided, result.Matched, result.Observed));
        var observed = Assert.Single(server.Received, r => r.Path == "/v1/observations");
        Assert.Equal("run-1", observed.Body["decisionId"]!.ToString());
        Assert.Equal(0, (double)observed.Body["outcomes"]!["visit"]!);
    }

    [Theory, InlineData("1", true), InlineData("yes", true), InlineData("TRUE", true), InlineData("1.0", true), InlineData("0", false), InlineData("No", false), InlineData("perhaps", null)]
    public async Task A_yes_or_no_is_read_as_an_import_reads_it(string cell, bool? meant)
    {
        foreach (var decided in new[] { true, false })
        {
            var result = await ReplayAsync(new Server(_ => decided), $"customer,recency,segment,visit\na,10,{cell},1\n");
            Assert.Equal(decided == meant ? 1 : 0, result.Matched);
        }
    }

    [Fact]
    public async Task Numbers_go_as_numbers_words_as_words_and_empty_cells_not_at_all()
    {
        var server = new Server(_ => "Mens");
        await ReplayAsync(server);
        var decide = server.Received.Where(r => r.Path == "/v1/decisions").ToDictionary(r => r.Body["unit"]!.ToString(), r => r.Body["context"]!);
        Assert.Equal("""{"recency":10,"segment":"Mens"}""", decide["a"].ToJsonString());
        Assert.Equal("""{"segment":"Womens"}""", decide["b"].ToJsonString());
    }

    [Fact]
    public async Task A_busy_server_is_tried_again_and_a_refusal_is_counted_by_its_code()
    {
        var busy = 1;
        var server = new Server(_ => "Mens")
        {
            Status = body => body["unit"]?.ToString() == "c" ? (HttpStatusCode.NotFound, "decision-point.unknown")
                : Interlocked.Exchange(ref busy, 0) == 1 ? (HttpStatusCode.TooManyRequests, "busy") : null,
        };
        var result = await ReplayAsync(server);
        Assert.Equal(2, result.Decided);
        Assert.Equal(1, result.Refused["decision-point.unknown"]);
        Assert.Single(result.Refused);
    }

    [Fact]
    public async Task What_looks_like_a_number_and_is_written_otherwise_goes_as_it_stands()
    {
        var server = new Server(_ => "Mens");
        await ReplayAsync(server, "customer,recency,segment,visit\na,007,1E5,1\nb,-2.5,1.50,0\n");
        Assert.Equal(["""{"recency":"007","segment":"1E5"}""", """{"recency":-2.5,"segment":"1.50"}"""], server.Received.Where(r => r.Path == "/v1/decisions").Select(r => r.Body["context"]!.ToJsonString()).Order());
    }

    [Fact] // a proxy's page, then no answer in time, then the server
    public async Task An_answer_that_is_not_the_servers_is_tried_again()
    {
        var calls = 0;
        var server = new Server(_ => "Mens")
        {
            Instead = () => Interlocked.Increment(ref calls) switch
            {
                1 => new(HttpStatusCode.BadGateway) { Content = new StringContent("<html>busy</html>", Encoding.UTF8, "text/html") },
                2 => throw new TaskCanceledException(),
                _ => null,
            },
        };
        var result = await ReplayAsync(server);
        Assert.Equal(3, result.Decided);
        Assert.Empty(result.Refused);
    }

    [Fact] // else every row of the file would be tried for seconds
    public async Task A_server_that_is_not_there_is_said_at_once()
    {
        using var file = File();
        using var http = new HttpClient(new Server(_ => "Mens") { Instead = () => throw new HttpRequestException("Connection refused") });
        var answer = await new Replayer(http, TimeProvider.System).RunAsync(Plan(), file, null, TestContext.Current.CancellationToken);
        Assert.Equal(("--url", "http://127.0.0.1:1/ does not answer (Connection refused). Start the server, or name another address."), (answer.Refusal?.Field, answer.Refusal?.Reason));
    }

    [Fact]
    public async Task A_column_that_is_not_there_is_refused_before_anything_is_sent()
    {
        var server = new Server(_ => "Mens");
        using var file = File();
        using var http = new HttpClient(server);
        var answer = await new Replayer(http, TimeProvider.System).RunAsync(Plan() with { OutcomeColumns = ["vist"] }, file, null, TestContext.Current.CancellationToken);
        Assert.Equal("--outcomes", answer.Refusal!.Field);
        Assert.Empty(server.Received);
    }

    private static async Task<ReplayResult> ReplayAsync(Server server, string rows = Rows)
    {
        using var file = File(rows);
        using var http = new HttpClient(server);
        return (await new Replayer(http, TimeProvider.System).RunAsync(Plan(), file, null, TestContext.Current.CancellationToken)).Value!;
    }

    private static CsvFile File(string rows = Rows) => CsvFile.Open(new MemoryStream(Encoding.UTF8.GetBytes(rows)));

    private static ReplayPlan Plan() => new()
    {
        Server = new Uri("http://127.0.0.1:1"), ApiKey = "key", DecisionPoint = "email-campaign", UnitColumn = "customer",
        FeatureColumns = ["recency", "segment"], OutcomeColumns = ["visit"], OptionColumn = "segment", Run = "run",
    };

    private sealed class Server(Func<JsonNode, object> decide) : HttpMessageHandler
    {
        public ConcurrentQueue<(string Path, JsonNode Body)> Received { get; } = [];
        public Func<HttpResponseMessage?> Instead { get; init; } = () => null;
        public Func<JsonNode, (HttpStatusCode, string)?> Status { get; init; } = _ => null;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = (await request.Content!.ReadFromJsonAsync<JsonNode>(cancellationToken))!;
            if (Instead() is { } other) return other;
            if (Status(body) is var (status, code)) return new(status) { Content = JsonContent.Create(new { code }) };
            Received.Enqueue((request.RequestUri!.AbsolutePath, body));
            return new(HttpStatusCode.OK) { Content = JsonContent.Create(new { decision = decide(body) }) };
        }
    }
}
