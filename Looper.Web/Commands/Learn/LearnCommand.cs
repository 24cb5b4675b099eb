using System.CommandLine;
using System.Globalization;
using Looper.Core.Learning;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Learn;

/// <summary><c>learn</c>: fits a model to a CSV file and predicts its test rows, with the kernels that the product trains with.</summary>
internal static class LearnCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "CSV file with a header, plain or gzipped.", Required = true };
        var label = new Option<string>("--label") { Description = "Column to predict.", Required = true };
        var task = new Option<string>("--task") { Description = "binary, multiclass, value, count or quantile.", Required = true };
        var quantile = new Option<double>("--quantile") { Description = "Level to predict, inside 0 and 1.", DefaultValueFactory = _ => 0.5 };
        var splitColumn = new Option<string?>("--split-column") { Description = "Column that says which rows are for what." };
        var train = new Option<string>("--train") { Description = "Its value for training rows.", DefaultValueFactory = _ => "train" };
        var test = new Option<string>("--test") { Description = "Its value for test rows.", DefaultValueFactory = _ => "test" };
        var testRows = new Option<string?>("--test-rows") { Description = "File with the numbers of the test rows, from 0, one a line." };
        var budget = new Option<double>("--budget") { Description = "Seconds to search for a family and settings; 0 takes the defaults." };
        var trees = new Option<int?>("--trees") { Description = "Trees, used exactly." };
        var leaves = new Option<int?>("--leaves") { Description = "Leaves a tree, used exactly." };
        var rate = new Option<double?>("--learning-rate") { Description = "Learning rate, used exactly." };
        var categorical = new Option<string?>("--categorical") { Description = "Columns to read as categories, separated by commas." };
        var numeric = new Option<string?>("--numeric") { Description = "Columns to read as numbers." };
        var drop = new Option<string?>("--drop") { Description = "Columns to ignore." };
        var seed = new Option<long>("--seed") { Description = "Fixes every random choice.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Threads at most.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var output = new Option<string>("--out") { Description = "CSV file for the predictions of the test rows.", Required = true };
        var report = new Option<string>("--report") { Description = "JSON file for parameters, times and metrics.", Required = true };
        var command = new Command("learn", "Fit a model to a CSV file and predict its test rows.")
        {
            data, label, task, quantile, splitColumn, train, test, testRows, budget, trees, leaves, rate, categorical, numeric, drop, seed, threads, output, report,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            () => new()
            {
                Data = parsed.GetValue(data)!, Label = parsed.GetValue(label)!, Objective = ObjectiveOf(parsed.GetValue(task)!),
                Quantile = parsed.GetValue(quantile), SplitColumn = parsed.GetValue(splitColumn), Train = parsed.GetValue(train)!, Test = parsed.GetValue(test)!,
                TestRows = parsed.GetValue(testRows), BudgetSeconds = parsed.GetValue(budget), Trees = parsed.GetValue(trees), Leaves = parsed.GetValue(leaves),
                LearningRate = parsed.GetValue(rate), Categorical = CommandFile.Split(parsed.GetValue(categorical)), Numeric = CommandFile.Split(parsed.GetValue(numeric)),
                Drop = CommandFile.Split(parsed.GetValue(drop)), Seed = parsed.GetValue(seed), Threads = parsed.GetValue(threads), Out = parsed.GetValue(output)!,
                Report = parsed.GetValue(report)!,
            },
            cancel));
        return command;
    }

    private static async Task<int> RunAsync(Func<LearnPlan> read, CancellationToken cancel)
    {
        try
        {
            var plan = read();
            if (!(plan.BudgetSeconds >= 0)) throw new LearnFault("--budget is in seconds: give 0 or more.");
            OutputFile.Check(plan.Out, "--out", (plan.Data, "--data"));
            OutputFile.Check(plan.Report, "--report", (plan.Data, "--data"), (plan.Out, "--out"));
            CommandFile.CheckSplit(plan.SplitColumn, plan.TestRows);
            var data = LearnData.Read(plan);
            foreach (var finding in DataChecks.Of(data.Train, plan.Objective)) await System.Console.Error.WriteLineAsync(finding.Sentence);
            var run = LearnRun.Of(plan, data, TimeProvider.System, cancel);
            var predictions = data.Test.AllPredictions(run.Predictor);
            await WriteAsync(plan, data, predictions, cancel);
            var metrics = LearnMetrics.Of(plan, data, predictions).ToDictionary(m => m.Key, m => double.IsFinite(m.Value) ? m.Value : (double?)null);
            await OutputFile.WriteAsync(plan.Report,
                new { run.Family, run.Parameters, run.TrainSeconds, run.SearchSeconds, PeakBytes = LearnRun.PeakBytes(), Metrics = metrics }, cancel);
            return 0;
        }
        catch (Exception fault) when (fault is LearnFault or FileFault or UnlearnableException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync(fault.Message);
            return 2;
        }
    }

    private static Task WriteAsync(LearnPlan plan, LearnData data, double[][] predictions, CancellationToken cancel) => OutputFile.WriteAsync(plan.Out, async file =>
    {
        var multiclass = plan.Objective == Objective.Multiclass;
        await file.WriteLineAsync((multiclass ? "row," + string.Join(',', data.Classes.Select(c => CommandFile.Cell("p_" + c))) : "row,prediction").AsMemory(), cancel);
        for (var i = 0; i < predictions.Length; i++)
            await file.WriteLineAsync($"{data.TestRows[i]},{string.Join(',', predictions[i].Select(p => p.ToString("R", CultureInfo.InvariantCulture)))}".AsMemory(), cancel);
    });

    private static Objective ObjectiveOf(string task) => task switch
    {
        "binary" => Objective.Binary,
        "multiclass" => Objective.Multiclass,
        "value" => Objective.Squared,
        "count" => Objective.Poisson,
        "quantile" => Objective.Quantile,
        _ => throw new LearnFault($"--task: '{task}' is none of binary, multiclass, value, count, quantile."),
    };
}
