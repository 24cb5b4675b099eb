using System.CommandLine;
using Looper.Web.Commands.Files;
using Figures = Looper.Core.Causal.Uplift;

namespace Looper.Web.Commands.Uplift;

/// <summary><c>uplift</c>: how well a score in a CSV file ranks units by what treatment does to them.</summary>
internal static class UpliftCommand
{
    private const int Replicates = 200;

    public static Command Create()
    {
        var (data, score) = (CommandFile.Required("--data", "CSV file with a header, plain or gzipped."), CommandFile.Required("--score", "Column with the score; higher is treated first."));
        var (treatment, control) = (CommandFile.Required("--treatment", "Column that says which arm a unit was in."), CommandFile.Required("--control", "Its value for the control."));
        var (outcome, output) = (CommandFile.Required("--outcome", "Column with the outcome."), CommandFile.Required("--out", "JSON file for the figures."));
        var seed = new Option<long>("--seed") { Description = "Fixes the draws behind the standard errors.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Threads at most.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("uplift", "Judge a ranking of the units of a randomised comparison: Qini, AUUC, uplift at the top.") { data, score, treatment, control, outcome, seed, threads, output };
        command.SetAction((parsed, cancel) => CommandFile.RunAsync(async () =>
        {
            OutputFile.Check(parsed.GetValue(output)!, "--out", (parsed.GetValue(data)!, "--data"));
            var table = CommandFile.Load(parsed.GetValue(data)!);
            var scores = CommandFile.Complete(table, parsed.GetValue(score)!, "--score");
            var outcomes = CommandFile.Complete(table, parsed.GetValue(outcome)!, "--outcome");
            var treated = Treated(table.Cells(CommandFile.Column(table, parsed.GetValue(treatment)!, "--treatment")), parsed.GetValue(treatment)!, parsed.GetValue(control)!);
            var (figures, errors) = (Figures.Of(scores, treated, outcomes), Figures.StandardErrors(scores, treated, outcomes, Replicates, parsed.GetValue(seed)));
            await OutputFile.WriteAsync(parsed.GetValue(output)!, Report(scores.Length, treated.Count(t => t), figures, errors), cancel);
            Say(scores.Length, figures, errors);
        }));
        return command;
    }

    private static void Say(int rows, Figures figures, Figures errors)
    {
        static string Of(double value, double error) => $"{CommandFile.Short(value)} (standard error {CommandFile.Short(error)})";
        CommandFile.Say($"From {rows:N0} rows: Qini {Of(figures.Qini, errors.Qini)}, AUUC {Of(figures.Auuc, errors.Auuc)} where chance has {CommandFile.Short(figures.AuucOfChance)}.");
        CommandFile.Say($"Uplift in the top 10 % {Of(figures.Top10, errors.Top10)}, 20 % {Of(figures.Top20, errors.Top20)}, 30 % {Of(figures.Top30, errors.Top30)}.");
        CommandFile.Say($"{Verdict(figures.Qini, errors.Qini)}");
    }

    private static string Verdict(double qini, double error) => qini switch
    {
        _ when !double.IsFinite(qini) || !(error > 0) => "Too few rows of an arm to tell whether the score finds those who gain.",
        _ when Math.Abs(qini) <= 2 * error => "No sign that this score ranks better than chance.",
        > 0 => "The score ranks better than chance.",
        _ => "The score ranks worse than chance: it treats the wrong ones first.",
    };

    private static bool[] Treated(IReadOnlyList<string> arms, string column, string control)
    {
        var names = arms.Distinct().Order(StringComparer.Ordinal).ToArray();
        control = CommandFile.Value(names, control);
        if (!names.Contains(control)) throw new FileFault($"--control: no row has '{control}' in column '{column}'. Its values are {string.Join(", ", names.Take(20))}.");
        if (names.Contains("")) throw new FileFault($"--treatment: column '{column}' is empty in row {arms.ToList().IndexOf("")}.");
        if (names.Length == 1) throw new FileFault($"--treatment: every row of column '{column}' is '{control}'; there is nobody treated.");
        if (names.Length > 2) throw new FileFault($"--treatment: a ranking is judged for one treatment, and column '{column}' has {string.Join(", ", names.Take(20))}. Keep the rows of two arms.");
        return [.. arms.Select(a => a != control)];
    }

    private static Dictionary<string, double?> Report(int rows, int treated, Figures figures, Figures errors)
    {
        var report = new Dictionary<string, double?> { ["rows"] = rows, ["treated"] = treated };
        void Add(string name, double value, double error) => (report[name], report[name + "StandardError"]) = (CommandFile.Figure(value), CommandFile.Figure(error));
        Add("qini", figures.Qini, errors.Qini);
        Add("auuc", figures.Auuc, errors.Auuc);
        Add("auucRandom", figures.AuucOfChance, errors.AuucOfChance);
        Add("upliftTop10", figures.Top10, errors.Top10);
        Add("upliftTop20", figures.Top20, errors.Top20);
        Add("upliftTop30", figures.Top30, errors.Top30);
        return report;
    }
}
