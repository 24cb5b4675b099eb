using System.CommandLine;
using Looper.Core.Learning;
using Looper.Core.OffPolicy;
using Looper.Core.Statistics;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.OffPolicy;

/// <summary><c>off-policy</c>: what a policy would have earned, from a CSV file of decisions that another policy made.</summary>
internal static class OffPolicyCommand
{
    private const double Level = 0.95, MostUnsupported = 0.01;

    public static Command Create()
    {
        var (data, action) = (CommandFile.Required("--data", "CSV file with a header, plain or gzipped."), CommandFile.Required("--action", "Column with the action taken."));
        var (reward, propensity) = (CommandFile.Required("--reward", "Column with the reward."), CommandFile.Required("--propensity", "Column with the probability with which the action was taken."));
        var policy = CommandFile.Required("--policy-columns", "Start of the columns with the policy's probability of each action: PREFIX followed by the action.");
        var model = CommandFile.Optional("--reward-model-columns", "Start of the columns with the predicted reward of each action.");
        var position = CommandFile.Optional("--position", "Column with the position shown; the figures of each position stand beside those of all.");
        var slate = CommandFile.Optional("--slate", "Column with the ranking a row is a place of; needs --position for the order. Policy columns and propensities are those of the item at its place.");
        var unit = CommandFile.Optional("--unit", "Column with whose row it is: rows of one unit move together, and it counts once. Without it rows count as independent.");
        var output = CommandFile.Required("--out", "JSON file for the estimates.");
        var seed = new Option<long>("--seed") { Description = "Fixes every random choice.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Threads at most.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("off-policy", "Estimate what a policy would have earned from logged decisions.") { data, action, reward, propensity, policy, model, position, slate, unit, seed, threads, output };
        command.SetAction((parsed, cancel) => CommandFile.RunAsync(async () =>
        {
            OutputFile.Check(parsed.GetValue(output)!, "--out", (parsed.GetValue(data)!, "--data"));
            var table = CommandFile.Load(parsed.GetValue(data)!);
            var log = OffPolicyLog.Read(table, parsed.GetValue(action)!, parsed.GetValue(reward)!, parsed.GetValue(propensity)!, parsed.GetValue(policy)!, parsed.GetValue(model));
            if (parsed.GetValue(unit) is { } whose) log = log with { Units = OffPolicyLog.Numbered(table.Cells(CommandFile.Column(table, whose, "--unit"))) };
            var order = parsed.GetValue(position);
            if (parsed.GetValue(slate) is { } ranking)
            {
                if (order is null) throw new FileFault("--slate: rankings need an order. Name the column with the place by --position.");
                await OutputFile.WriteAsync(parsed.GetValue(output)!, RankingReport.Of(table, log, ranking, order), cancel);
                return;
            }
            var report = Report(log);
            if (order is { } name) report["positions"] = ByPosition(table, log, name);
            await OutputFile.WriteAsync(parsed.GetValue(output)!, report, cancel);
            Say(log);
        }));
        return command;
    }

    // the estimator that the console shows: self-normalised, and doubly robust where the predicted rewards explain anything
    private static void Say(OffPolicyLog log)
    {
        var value = Estimates(log).First(e => e.Name == (log.IsExplained ? "sndr" : "snips")).Value;
        var (interval, name) = (value.At(Level), log.IsExplained ? "self-normalised doubly robust" : "self-normalised inverse propensity");
        if (IsRefused(log, WeightFigures.Of(log.Weights, log.Units))) CommandFile.Say($"No value can be told from these {log.Weights.Length:N0} rows.");
        else CommandFile.Say($"The policy would earn {CommandFile.Short(value.Value)} a row ({CommandFile.Short(interval.Low)} to {CommandFile.Short(interval.High)}), where {CommandFile.Short(log.Rewards.Average())} was earned ({name}, from {log.Weights.Length:N0} rows).");
        if (log.Units.Length == 0) CommandFile.Say($"Rows count as independent. If some are of one visitor, the interval is too narrow: name the column that tells whose they are by --unit.");
        foreach (var warning in Warnings(log, WeightFigures.Of(log.Weights, log.Units))) CommandFile.Say($"Warning: {warning}");
    }

    private static Dictionary<string, object> ByPosition(Table table, OffPolicyLog log, string name)
    {
        var cells = table.Cells(CommandFile.Column(table, name, "--position"));
        return cells.Distinct().Order(StringComparer.Ordinal).ToDictionary(p => p, p => (object)Report(log.Take([.. Enumerable.Range(0, cells.Count).Where(i => cells[i] == p)])));
    }

    private static Dictionary<string, object> Report(OffPolicyLog log)
    {
        var figures = WeightFigures.Of(log.Weights, log.Units);
        var refused = IsRefused(log, figures);
        return new()
        {
            ["rows"] = log.Weights.Length,
            ["independent"] = Independent(log, "rows"),
            ["estimators"] = Estimates(log).ToDictionary(e => e.Name, e => One(refused ? PolicyValue.Undefined(Cause.NoOverlap) : e.Value)),
            ["ess"] = CommandFile.Figure(figures.EffectiveRows)!,
            ["maxWeight"] = CommandFile.Figure(figures.LargestWeight)!,
            ["meanWeight"] = CommandFile.Figure(figures.MeanWeight)!,
            ["overlap"] = new { Ok = !refused && !figures.IsThin && !figures.IsMisfit, Warnings = Warnings(log, figures) },
        };
    }

    /// <summary>What intervals take for independent.</summary>
    internal static string Independent(OffPolicyLog log, string without) => log.Units.Length == 0 ? without : FormattableString.Invariant($"{log.Units.Max() + 1} units");

    private static object One(PolicyValue value)
    {
        var interval = value.At(Level);
        return new
        {
            Estimate = CommandFile.Figure(value.Value), Se = CommandFile.Figure(value.StandardError), Lower = CommandFile.Figure(interval.Low),
            Upper = CommandFile.Figure(interval.High), Refused = value.Why.Code(),
        };
    }

    private static IEnumerable<(string Name, PolicyValue Value)> Estimates(OffPolicyLog log)
    {
        double[] w = log.Weights, r = log.Rewards, none = new double[log.Weights.Length];
        var u = log.Units;
        yield return ("ips", Estimators.Ips(w, r, u));
        yield return ("ips_clip10", Estimators.ClippedIps(w, r, 10, u));
        yield return ("snips", Estimators.Snips(w, r, u));
        yield return ("sg_ips_0.1", Estimators.DoublyRobust(w, r, none, none, Estimators.SubGaussian(0.1), u));
        if (log.Predicted is not { } q || log.Values is not { } m) yield break;
        yield return ("dm", Estimators.Direct(m, u));
        yield return ("dr", Estimators.DoublyRobust(w, r, q, m, units: u));
        yield return ("sndr", Estimators.SelfNormalisedDoublyRobust(w, r, q, m, u));
        if (log.Robust() is { } robust) yield return ("mrdr", Estimators.DoublyRobust(w, r, robust.Predicted, robust.Values, units: u));
        yield return ("dr_clip10", Estimators.DoublyRobust(w, r, q, m, Estimators.Clip(10), u));
        foreach (var tau in new[] { 1, 3, 10 }) yield return ($"switch_dr_{tau}", Estimators.DoublyRobust(w, r, q, m, Estimators.Switch(tau), u));
        foreach (var lambda in new[] { 1, 10, 100 }) yield return ($"dr_os_{lambda}", Estimators.DoublyRobust(w, r, q, m, Estimators.Shrink(lambda), u));
        yield return ("sg_dr_0.1", Estimators.DoublyRobust(w, r, q, m, Estimators.SubGaussian(0.1), u));
    }

    /// <summary>No value may be told, by whatever estimator.</summary>
    internal static bool IsRefused(OffPolicyLog log, WeightFigures figures) => log.Unsupported > MostUnsupported || IsWithoutOverlap(figures);

    private static bool IsWithoutOverlap(WeightFigures figures) => !(figures.EffectiveRows > 0);

    internal static List<string> Warnings(OffPolicyLog log, WeightFigures figures)
    {
        var warnings = new List<string>();
        if (log.Unsupported > MostUnsupported) warnings.Add(FormattableString.Invariant($"{log.Unsupported:0.0%} of what the policy would do was never tried in these rows: no value can be told."));
        if (IsWithoutOverlap(figures)) return [.. warnings, "None of these rows took what the policy would do: no value can be told."];
        if (log.Units.Length > 0 && figures.EffectiveUnits < WeightFigures.LeastUnits)
            warnings.Add(FormattableString.Invariant($"These rows are worth those of {figures.EffectiveUnits:F0} units that weigh alike; intervals do not hold what they say below {WeightFigures.LeastUnits:F0}."));
        if (figures.IsMisfit) warnings.Add(FormattableString.Invariant($"The mean weight is {figures.MeanWeight:F3} instead of 1: the logged propensities do not fit."));
        if (figures.IsThin)
            warnings.Add(FormattableString.Invariant($"The log says little about this policy: it is worth {figures.EffectiveRows:F0} of its {figures.Rows:F0} rows, and the heaviest 1% carry {figures.TopShare:0%} of the weight."));
        return warnings;
    }
}
