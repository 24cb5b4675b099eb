using System.Collections.Immutable;
using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Decisions.Import;

namespace Looper.Web.Commands.Import;

/// <summary><c>import</c>: sends a CSV file of past decisions to a running server and follows the job that reads it.</summary>
internal static class ImportCommand
{
    private const int MostMissed = 100;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var url = ServerOption.Create();
        var point = new Option<string>("--decision-point") { Description = "Key of the decision point.", Required = true };
        var data = new Option<FileInfo>("--data") { Description = "CSV file with a header, plain or gzipped.", Required = true };
        var option = new Option<string>("--option") { Description = "Column with the option that was chosen.", Required = true };
        var options = Pairs("--option-value", "Text in the file and the option it stands for, TEXT=KEY.");
        var unit = new Option<string?>("--unit") { Description = "Column that names the unit. Without it each row is a unit of its own." };
        var time = new Option<string?>("--time") { Description = "Column with the time. Without it the rows lie in the past, in their order." };
        var propensity = new Option<string?>("--propensity") { Description = "'uniform', or the column with the chance of the option chosen. Without it the chances count as unknown." };
        var features = Pairs("--feature", "A feature and its column, FEATURE=COLUMN. Without any, columns named like features are taken.");
        var outcomes = Pairs("--outcome", "An outcome and its column, OUTCOME=COLUMN. Without any, columns named like outcomes are taken.");
        var experiment = new Option<string?>("--experiment") { Description = "Make it a past experiment with this key, the options being the arms." };
        var baseline = new Option<string?>("--baseline") { Description = "Option to compare with." };
        var command = new Command("import", $"Send a CSV file of past decisions to a running server. A key that may manage is read from {KeyVariable.Name}. Sending a file again changes nothing: a row is known by its place and its cells. One whose outcomes, or columns that nothing is read from, have changed is known too where --unit and --time are given; without them it becomes another decision, so clear the decision point's data first.")
        {
            url, point, data, option, options, unit, time, propensity, features, outcomes, experiment, baseline,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!TryPairs(parsed.GetValue(options), out var texts) || !TryPairs(parsed.GetValue(features), out var named) || !TryPairs(parsed.GetValue(outcomes), out var measured))
                return await RefuseAsync("--option-value, --feature and --outcome take NAME=VALUE.");
            var mapping = new ImportMapping
            {
                DecisionPoint = parsed.GetValue(point)!,
                Option = parsed.GetValue(option)!,
                Options = texts ?? ImmutableSortedDictionary<string, string>.Empty,
                Unit = parsed.GetValue(unit),
                Time = parsed.GetValue(time),
                Propensity = parsed.GetValue(propensity),
                Features = named,
                Outcomes = measured,
                Experiment = parsed.GetValue(experiment) is { } key ? new(key, key, parsed.GetValue(baseline)) : null,
            };
            return await SendAsync(parsed.GetValue(url)!, mapping, parsed.GetValue(data)!, cancel);
        });
        return command;
    }

    private static async Task<int> SendAsync(Uri server, ImportMapping mapping, FileInfo data, CancellationToken cancel)
    {
        var key = KeyVariable.Read("manage", out var unset);
        if (unset is not null) return await RefuseAsync(unset);
        if (!data.Exists) return await RefuseAsync($"--data: there is no file {data.FullName}.");
        using var http = Client(server, key!);
        try
        {
            await using var bytes = data.OpenRead();
            return await SendAsync(http, mapping, bytes, cancel);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException)
        {
            return await RefuseAsync($"--data: {data.FullName} cannot be read. {fault.Message}");
        }
    }

    /// <summary>A large file on a slow line is sent for as long as it takes; how long one look at its job may take is bounded there.</summary>
    internal static HttpClient Client(Uri server, string key) =>
        new() { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "X-Api-Key", key } } };

    /// <param name="http">Sends to the server, with a key.</param>
    internal static async Task<int> SendAsync(HttpClient http, ImportMapping mapping, Stream bytes, CancellationToken cancel)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(JsonSerializer.Serialize(mapping, BlueprintJson.Options)), "mapping" },
            { new StreamContent(bytes), "file", "decisions.csv" },
        };
        try
        {
            using var answer = await http.PostAsync("api/imports", form, cancel);
            if (await ReadAsync(answer, cancel) is not { } body)
                return await RefuseAsync($"--url: {http.BaseAddress} answered {(int)answer.StatusCode} without a word of Looper. Name the address of Looper itself, or look at what stands before it.");
            return answer.IsSuccessStatusCode ? await FollowAsync(http, body["jobId"]!.GetValue<Guid>(), cancel) : await RefuseAsync(Reasons(body));
        }
        catch (HttpRequestException fault)
        {
            return await RefuseAsync($"--url: {http.BaseAddress} does not answer ({fault.Message}). Start the server, or name another address.");
        }
    }

    private static async Task<int> FollowAsync(HttpClient http, Guid job, CancellationToken cancel)
    {
        var (seen, said, missed) = (0L, "", 0);
        while (true)
        {
            if (await LookAsync(http, job, seen, cancel) is { } found)
            {
                missed = 0;
                foreach (var line in found["log"]!.AsArray())
                {
                    seen = line!["id"]!.GetValue<long>();
                    await System.Console.Error.WriteLineAsync(line["text"]!.GetValue<string>());
                }
                var (state, detail) = (found["run"]!["state"]!.GetValue<string>(), found["run"]!["detail"]!.GetValue<string>());
                var percent = $"{found["run"]!["percent"]!.GetValue<double>():F0}%{(detail.Length > 0 ? $", {detail}" : "")}";
                if (state is "done") return 0; // its result is the last line of the log
                if (state is "failed" or "cancelled") return await RefuseAsync(found["run"]!["result"]?.GetValue<string>() ?? state);
                if (percent != said) await System.Console.Error.WriteLineAsync(said = percent);
            }
            else if (++missed == MostMissed)
            {
                return await RefuseAsync($"The file was taken, and job {job} reads it, but how far it is cannot be asked for any more. Look under Jobs.");
            }
            await Task.Delay(s_pause, TimeProvider.System, cancel);
        }
    }

    /// <summary>Null where the server is busy or starts again: the job goes on all the same.</summary>
    private static async Task<JsonNode?> LookAsync(HttpClient http, Guid job, long seen, CancellationToken cancel)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bounded.CancelAfter(s_look);
        try
        {
            using var answer = await http.GetAsync($"api/jobs/{job}?after={seen}", bounded.Token);
            return answer.IsSuccessStatusCode ? await ReadAsync(answer, bounded.Token) : null;
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Null for what is not JSON, such as the page of a proxy.</summary>
    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Reasons(JsonNode problem) => problem["errors"] is JsonArray errors
        ? string.Join("\n", errors.Select(e => e!["reason"]!.GetValue<string>()))
        : problem["detail"]?.GetValue<string>() ?? problem.ToJsonString();

    private static async Task<int> RefuseAsync(string fault)
    {
        await System.Console.Error.WriteLineAsync(fault);
        return 2;
    }

    private static Option<string[]> Pairs(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    /// <summary>Null where none were given.</summary>
    private static bool TryPairs(string[]? texts, out ImmutableSortedDictionary<string, string>? pairs)
    {
        pairs = null;
        if (texts is null or []) return true;
        if (texts.Any(t => t.IndexOf('=', StringComparison.Ordinal) is <= 0)) return false;
        pairs = texts.Select(t => t.Split('=', 2)).GroupBy(p => p[0]).ToImmutableSortedDictionary(g => g.Key, g => g.Last()[1]);
        return true;
    }
}
