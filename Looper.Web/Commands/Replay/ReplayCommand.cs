using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Looper.Core.Files;

namespace Looper.Web.Commands.Replay;

/// <summary><c>replay</c>: sends the rows of a CSV file to a running server as an application would.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var url = ServerOption.Create();
        var point = new Option<string>("--decision-point") { Description = "Key of the decision point.", Required = true };
        var data = new Option<FileInfo>("--data") { Description = "CSV file with a header, plain or gzipped.", Required = true };
        var unit = new Option<string?>("--unit") { Description = "Column that names the unit. Without it each row is a unit of its own." };
        var features = List("--features", "Columns to send as context.");
        var outcomes = List("--outcomes", "Columns to report as outcomes.");
        var option = new Option<string?>("--option") { Description = "Column with the option really shown: outcomes are reported only where the decision equals it." };
        var skip = new Option<int>("--skip") { Description = "Rows to leave out at the start." };
        var take = new Option<int>("--take") { Description = "Rows to send at most.", DefaultValueFactory = _ => int.MaxValue };
        var rate = new Option<double?>("--rate") { Description = "Rows a second; without it as fast as the server answers." };
        var concurrency = new Option<int>("--concurrency") { Description = "Calls under way at once.", DefaultValueFactory = _ => 16 };
        var run = new Option<string>("--run") { Description = "Begins every decision id: the same run sent again changes nothing.", DefaultValueFactory = _ => "replay" };
        var command = new Command("replay", $"Send the rows of a CSV file to a running server: decide, then observe. The key is read from {KeyVariable.Name}.")
        {
            url, point, data, unit, features, outcomes, option, skip, take, rate, concurrency, run,
        };
        command.SetAction((parsed, cancel) => SendAsync(
            new ReplayPlan
            {
                Server = parsed.GetValue(url)!,
                ApiKey = KeyVariable.Read("decide and observe", out var unset),
                DecisionPoint = parsed.GetValue(point)!,
                UnitColumn = parsed.GetValue(unit),
                FeatureColumns = Split(parsed.GetValue(features)),
                OutcomeColumns = Split(parsed.GetValue(outcomes)),
                OptionColumn = parsed.GetValue(option),
                Skip = parsed.GetValue(skip),
                Take = parsed.GetValue(take),
                Rate = parsed.GetValue(rate),
                Concurrency = parsed.GetValue(concurrency),
                Run = parsed.GetValue(run)!,
            },
            parsed.GetValue(data)!, unset, cancel));
        return command;
    }

    private static async Task<int> SendAsync(ReplayPlan plan, FileInfo data, string? unset, CancellationToken cancel)
    {
        if ((unset ?? Fault(plan, data)) is { } fault) return await RefuseAsync(fault);
        try
        {
            return await SendRowsAsync(plan, data, cancel);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return await RefuseAsync($"--data: {unreadable.Message}");
        }
    }

    private static async Task<int> SendRowsAsync(ReplayPlan plan, FileInfo data, CancellationToken cancel)
    {
        using var file = CsvFile.Open(data.FullName);
        if (file.Header.IsEmpty) return await RefuseAsync($"--data: {data.FullName} has no header.");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }); // a redirect would take the key along
        var answer = await new Replayer(http, TimeProvider.System).RunAsync(plan, file, n => System.Console.Error.WriteLine($"{n} rows sent"), cancel);
        if (answer.Refusal is { } refusal) return await RefuseAsync($"{refusal.Field}: {refusal.Reason}");
        var result = answer.Value!;
        await System.Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{result.Rows} rows in {result.Elapsed.TotalSeconds:F1} s: {result.Decided} decided, {result.Matched} matched, {result.Observed} observed"));
        foreach (var (code, count) in result.Refused) await System.Console.Out.WriteLineAsync($"{count} refused: {code}");
        return result.Refused.IsEmpty ? 0 : 1;
    }

    private static string? Fault(ReplayPlan plan, FileInfo data) =>
        !data.Exists ? $"--data: there is no file {data.FullName}."
        : plan.Skip < 0 || plan.Take < 0 ? "--skip and --take count rows: give 0 or more."
        : plan.Rate <= 0 ? "--rate is rows a second: give more than 0."
        : plan.Concurrency is < 1 or > 1_000 ? "--concurrency: give 1 to 1,000."
        : null;

    private static async Task<int> RefuseAsync(string fault)
    {
        await System.Console.Error.WriteLineAsync(fault);
        return 2;
    }

    private static Option<string?> List(string name, string description) => new(name) { Description = $"{description} Names separated by commas." };

    private static ImmutableArray<string> Split(string? names) => [.. (names ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
