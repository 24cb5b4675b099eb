using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Decisions.Import;
using Looper.Core.Files;

namespace Looper.Web.Commands.Replay;

/// <summary>Drives a running server over HTTP with the rows of a file: decide, then observe, as an application would.</summary>
public sealed class Replayer(HttpClient http, TimeProvider clock)
{
    private const int Attempts = 8, AttemptsUnheard = 5;

    /// <param name="progress">Rows sent so far, about every thousand.</param>
    /// <returns>Refused where a column is not there, or nobody answers at the address.</returns>
    public async Task<Answered<ReplayResult>> RunAsync(ReplayPlan plan, CsvFile file, Action<int>? progress, CancellationToken cancel)
    {
        if (Columns(plan, file) is { } unknown) return unknown;
        var counts = new Counts();
        var started = clock.GetTimestamp();
        var options = new ParallelOptions { MaxDegreeOfParallelism = plan.Concurrency, CancellationToken = cancel };
        try
        {
            await Parallel.ForEachAsync(Rows(plan, file), options, async (row, stop) =>
            {
                if (plan.Rate is { } rate)
                {
                    var early = TimeSpan.FromSeconds((row.Index - plan.Skip) / rate) - clock.GetElapsedTime(started);
                    if (early > TimeSpan.Zero) await Task.Delay(early, clock, stop);
                }

                await SendAsync(plan, file.Header, row, counts, stop);
                var sent = Interlocked.Increment(ref counts.Rows);
                if (sent % 1_000 == 0) progress?.Invoke(sent);
            });
        }
        catch (HttpRequestException unheard)
        {
            return new Refusal("server.unreachable", $"{plan.Server} does not answer ({unheard.Message}). Start the server, or name another address.", "--url");
        }
        return new ReplayResult(counts.Rows, counts.Decided, counts.Matched, counts.Observed, counts.Refused.ToImmutableSortedDictionary(), clock.GetElapsedTime(started));
    }

    private static Refusal? Columns(ReplayPlan plan, CsvFile file) =>
        Named(plan).Select(c => file.Column(c.Column, c.Field).Refusal).FirstOrDefault(r => r is not null);

    private static IEnumerable<(string Column, string Field)> Named(ReplayPlan plan)
    {
        if (plan.UnitColumn is { } unit) yield return (unit, "--unit");
        if (plan.OptionColumn is { } option) yield return (option, "--option");
        foreach (var feature in plan.FeatureColumns) yield return (feature, "--features");
        foreach (var outcome in plan.OutcomeColumns) yield return (outcome, "--outcomes");
    }

    private static IEnumerable<Row> Rows(ReplayPlan plan, CsvFile file)
    {
        for (var index = 0; index - plan.Skip < plan.Take && file.Read() is { } cells; index++)
            if (index >= plan.Skip) yield return new Row(index, cells);
    }

    private async Task SendAsync(ReplayPlan plan, ImmutableArray<string> header, Row row, Counts counts, CancellationToken cancel)
    {
        string Cell(string column) => row.Cells[header.IndexOf(column)];
        var id = $"{plan.Run}-{row.Index.ToString(CultureInfo.InvariantCulture)}";
        var decide = new JsonObject
        {
            ["decisionPoint"] = plan.DecisionPoint,
            ["decisionId"] = id,
            ["unit"] = plan.UnitColumn is { } unit ? Cell(unit) : $"row-{row.Index.ToString(CultureInfo.InvariantCulture)}",
            ["context"] = new JsonObject(plan.FeatureColumns.Where(f => Cell(f).Length > 0).Select(f => KeyValuePair.Create<string, JsonNode?>(f, Feature(Cell(f))))),
        };
        if (await PostAsync(plan, "v1/decisions", decide, counts, cancel) is not { } answer) return;
        Interlocked.Increment(ref counts.Decided);
        if (plan.OptionColumn is { } option && !IsIt(answer["decision"]!, Cell(option))) return;
        Interlocked.Increment(ref counts.Matched);
        var outcomes = new JsonObject(plan.OutcomeColumns.Where(o => Cell(o).Length > 0).Select(o => KeyValuePair.Create<string, JsonNode?>(o, Value(Cell(o)))));
        if (outcomes.Count == 0) return;
        var observe = new JsonObject { ["decisionId"] = id, ["observationId"] = id, ["outcomes"] = outcomes };
        if (await PostAsync(plan, "v1/observations", observe, counts, cancel) is not null) Interlocked.Increment(ref counts.Observed);
    }

    /// <summary>The answer, or null when the call was refused for good (and counted). A busy or restarting server is tried again.</summary>
    /// <exception cref="HttpRequestException">Nobody has answered any call yet: there is no server to send the other rows to.</exception>
    private async Task<JsonNode?> PostAsync(ReplayPlan plan, string path, JsonObject body, Counts counts, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(plan.Server, path)) { Content = JsonContent.Create(body) };
            request.Headers.Add("X-Api-Key", plan.ApiKey);
            string code;
            try
            {
                using var response = await http.SendAsync(request, cancel);
                counts.IsHeard = true;
                var answer = IsJson(response) ? await response.Content.ReadFromJsonAsync<JsonNode>(cancel) : null;
                if (response.IsSuccessStatusCode && answer is not null) return answer;
                code = answer?["code"]?.ToString() ?? ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)) attempt = Attempts;
            }
            catch (HttpRequestException) when (counts.IsHeard || attempt < AttemptsUnheard)
            {
                code = "server.unreachable";
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                code = "server.slow";
            }

            if (attempt >= Attempts)
            {
                counts.Refused.AddOrUpdate(code, 1, (_, n) => n + 1);
                return null;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), clock, cancel);
        }
    }

    /// <summary>What stands between us and the server answers with pages of its own.</summary>
    private static bool IsJson(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType is { } type && (type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal));

    /// <summary>The cell names the decision: a yes or no as an import reads it, anything else as it is written.</summary>
    private static bool IsIt(JsonNode decision, string cell) =>
        decision.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? YesNo.TryRead(cell, out var yes) && yes == decision.GetValue<bool>() : decision.ToString() == cell;

    /// <summary>A number only where it is written as one: <c>007</c> or <c>1E5</c> may be a category, and a number feature reads texts too.</summary>
    private static JsonValue Feature(string cell) => Value(cell) is var value && value.ToString() == cell ? value : JsonValue.Create(cell);

    private static JsonValue Value(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(cell);

    private readonly record struct Row(int Index, string[] Cells);

    private sealed class Counts
    {
        public int Rows;
        public int Decided;
        public int Matched;
        public int Observed;
        public volatile bool IsHeard;
        public readonly ConcurrentDictionary<string, int> Refused = [];
    }
}
