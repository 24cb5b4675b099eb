using System.CommandLine;
using Looper.Core.Causal;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Effects;

/// <summary><c>effects</c>: for whom a treatment works, from a CSV file of units.</summary>
internal static class EffectsCommand
{
    public static Command Create()
    {
        var (data, treatment) = (CommandFile.Required("--data", "CSV file with a header, plain or gzipped."), CommandFile.Required("--treatment", "Column that says which arm a unit was in."));
        var (control, outcome) = (CommandFile.Required("--control", "Its value for the control."), CommandFile.Required("--outcome", "Column with the outcome."));
        var propensity = CommandFile.Optional("--propensity", "Column with the probability of the unit's arm, or of treatment, or a number: the chance of treatment that all had; without it, it is estimated.");
        var features = CommandFile.Optional("--features", "Columns to tell units apart by; all others but those named here when left out.");
        var learner = new Option<string>("--learner") { Description = "auto, s, t, x, r, dr, risk (one effect on the odds of a yes), forest or bcf (Bayesian causal forest).", DefaultValueFactory = _ => "auto" };
        var (splitColumn, testRows) = (CommandFile.Optional("--split-column", "Column that says which rows are for what."), CommandFile.Optional("--test-rows", "File with the numbers of the test rows, from 0, one a line."));
        var train = new Option<string>("--train") { Description = "Its value for training rows.", DefaultValueFactory = _ => "train" };
        var test = new Option<string>("--test") { Description = "Its value for test rows.", DefaultValueFactory = _ => "test" };
        var (categorical, numeric, drop) = (CommandFile.Optional("--categorical", "Columns to read as categories, separated by commas."),
            CommandFile.Optional("--numeric", "Columns to read as numbers."), CommandFile.Optional("--drop", "Columns to ignore."));
        var cost = new Option<double>("--cost") { Description = "What treating a unit costs, in the outcome's unit: the rule in the report treats where the gain is greater." };
        var better = new Option<string>("--better") { Description = "higher or lower: which outcome the rule is to bring about. Effects are told as they are, treatment less control.", DefaultValueFactory = _ => "higher" };
        var seed = new Option<long>("--seed") { Description = "Fixes every random choice.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Threads at most.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var (output, report) = (CommandFile.Required("--out", "CSV file for the effect of every row."), CommandFile.Required("--report", "JSON file for the average effects and the tests."));
        var command = new Command("effects", "Estimate for whom a treatment works.")
        {
            data, treatment, control, outcome, propensity, features, learner, splitColumn, train, test, testRows, categorical, numeric, drop, cost, better, seed, threads, output, report,
        };
        command.SetAction((parsed, cancel) => CommandFile.RunAsync(() => RunAsync(
            new()
            {
                Data = parsed.GetValue(data)!, Treatment = parsed.GetValue(treatment)!, Control = parsed.GetValue(control)!, Outcome = parsed.GetValue(outcome)!,
                Propensity = parsed.GetValue(propensity), Features = CommandFile.Split(parsed.GetValue(features)), Learner = parsed.GetValue(learner)!,
                SplitColumn = parsed.GetValue(splitColumn), Train = parsed.GetValue(train)!, Test = parsed.GetValue(test)!, TestRows = parsed.GetValue(testRows),
                Categorical = CommandFile.Split(parsed.GetValue(categorical)), Numeric = CommandFile.Split(parsed.GetValue(numeric)),
                Drop = CommandFile.Split(parsed.GetValue(drop)), Cost = parsed.GetValue(cost), LowerIsBetter = IsLower(parsed.GetValue(better)!), Seed = parsed.GetValue(seed), Threads = parsed.GetValue(threads),
                Out = parsed.GetValue(output)!, Report = parsed.GetValue(report)!,
            },
            cancel)));
        return command;
    }

    private static bool IsLower(string better) => better switch
    {
        "lower" => true,
        "higher" => false,
        _ => throw new FileFault($"--better: '{better}' is neither higher nor lower."),
    };

    private static async Task RunAsync(EffectsPlan plan, CancellationToken cancel)
    {
        if (plan.Learner != "auto" && !EffectPlan.Learners.Contains(plan.Learner))
            throw new FileFault($"--learner: '{plan.Learner}' is none of auto, {string.Join(", ", EffectPlan.Learners)}.");
        if (plan.Threads < 1) throw new FileFault("--threads: give 1 or more.");
        if (!double.IsFinite(plan.Cost)) throw new FileFault("--cost: give a finite number.");
        OutputFile.Check(plan.Out, "--out", (plan.Data, "--data"));
        OutputFile.Check(plan.Report, "--report", (plan.Data, "--data"), (plan.Out, "--out"));
        CommandFile.CheckSplit(plan.SplitColumn, plan.TestRows);
        var data = EffectsData.Read(plan);
        var comparisons = new List<ArmComparison>();
        var progress = new ProgressLines(TimeProvider.System);
        for (var arm = 1; arm <= data.Names.Length; arm++)
        {
            var name = data.Names[arm - 1];
            comparisons.Add(ArmComparison.Of(data, arm, plan, new()
            {
                Learner = plan.Learner, Seed = plan.Seed, Threads = plan.Threads, Cancel = cancel,
                Progress = (what, share) => progress.Say(name, what, share),
            }));
        }
        await WriteAsync(plan.Out, data, comparisons, cancel);
        await OutputFile.WriteAsync(plan.Report, new
        {
            Learner = plan.Learner == "auto" ? (string)comparisons[0].Figures["learner"]! : plan.Learner,
            Arms = comparisons.ToDictionary(c => c.Name, c => c.Figures),
        }, cancel);
        foreach (var line in comparisons.SelectMany(c => c.Lines)) CommandFile.Say($"{line}");
    }

    private static Task WriteAsync(string path, EffectsData data, List<ArmComparison> comparisons, CancellationToken cancel) => OutputFile.WriteAsync(path, async file =>
    {
        await file.WriteLineAsync("row,arm,effect,lower,upper".AsMemory(), cancel);
        for (var i = 0; i < data.Units.Rows; i++)
            foreach (var c in comparisons)
                await file.WriteLineAsync($"{i},{CommandFile.Cell(c.Name)},{CommandFile.Text(c.Effects[i])},{CommandFile.Text(c.Intervals[i].Low)},{CommandFile.Text(c.Intervals[i].High)}".AsMemory(), cancel);
    });
}
