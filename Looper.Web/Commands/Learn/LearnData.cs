using System.Globalization;
using Looper.Core.Learning;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Learn;

/// <summary>The rows of a file, told apart into those to learn from and those to predict.</summary>
/// <param name="Train">Rows of the training part whose label is known.</param>
/// <param name="Test">Rows of the test part; the label is NaN where unknown.</param>
/// <param name="TestRows">Their numbers in the file, from 0.</param>
/// <param name="TestLiesAmongTrain">Whether a row to predict comes before the last row to learn from: the file is then no stretch of time to be continued.</param>
/// <param name="Classes">Texts of the labels 0, 1, 2… for classes; empty for numbers.</param>
internal sealed record LearnData(DataSet Train, DataSet Test, int[] TestRows, bool TestLiesAmongTrain, string[] Classes)
{
    public static LearnData Read(LearnPlan plan)
    {
        var table = CommandFile.Load(plan.Data);
        foreach (var (option, names) in new[] { ("--categorical", plan.Categorical), ("--drop", plan.Drop) })
            foreach (var name in names) CommandFile.Column(table, name, option);
        foreach (var name in plan.Numeric) CommandFile.Numbers(table, name, "--numeric"); // a column of words read as numbers would be a column of nothing
        var (label, split) = (CommandFile.Column(table, plan.Label, "--label"), plan.SplitColumn is null ? -1 : CommandFile.Column(table, plan.SplitColumn, "--split-column"));
        var used = Enumerable.Range(0, table.Header.Length).Where(j => j != label && j != split && !plan.Drop.Contains(table.Header[j])).ToArray();
        if (used.Length == 0) throw new LearnFault("No column is left to learn from.");
        var read = used.Select(j => table.Read(j, Kind(plan, table.Header[j]))).ToArray();
        var (labels, classes) = Labels(table, label, plan);
        var all = new DataSet([.. read.Select(r => r.Column)], [.. read.Select(r => r.Values)], labels);
        var isTest = TestMarks(plan, table, split);
        int[] train = [.. Enumerable.Range(0, table.Rows).Where(i => IsTrain(plan, table, split, isTest, i) && double.IsFinite(labels[i]))];
        int[] test = [.. Enumerable.Range(0, table.Rows).Where(i => isTest[i])];
        if (train.Length == 0) throw new LearnFault("No row is left to train on.");
        return new(all.Take(train), all.Take(test), test, test.Length > 0 && test[0] < train[^1], classes);
    }

    private static ColumnKind? Kind(LearnPlan plan, string name) =>
        plan.Categorical.Contains(name) ? ColumnKind.Category : plan.Numeric.Contains(name) ? ColumnKind.Number : null;

    private static (double[] Labels, string[] Classes) Labels(Table table, int column, LearnPlan plan)
    {
        var cells = table.Cells(column);
        if (plan.Objective is not (Objective.Binary or Objective.Multiclass)) return (CommandFile.Numbers(table, plan.Label, "--label"), []);
        string[] classes = table.IsNumeric(column)
            ? [.. cells.Where(c => c.Length > 0).Distinct().OrderBy(c => double.Parse(c, CultureInfo.InvariantCulture))]
            : [.. cells.Where(c => c.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        if (plan.Objective == Objective.Binary && classes.Length != 2)
            throw new LearnFault($"--task binary needs a label with two values; '{table.Header[column]}' has {classes.Length}.");
        if (classes.Length > 255) throw new LearnFault($"--task multiclass takes at most 255 classes; '{table.Header[column]}' has {classes.Length}.");
        var codes = classes.Select((text, code) => (text, code)).ToDictionary(c => c.text, c => (double)c.code);
        return ([.. cells.Select(c => codes.GetValueOrDefault(c, double.NaN))], classes);
    }

    private static bool[] TestMarks(LearnPlan plan, Table table, int split)
    {
        var marks = new bool[table.Rows];
        if (split >= 0)
        {
            for (var i = 0; i < marks.Length; i++) marks[i] = table.Cells(split)[i] == plan.Test;
            if (!marks.Contains(true)) throw new LearnFault($"--test: no row has '{plan.Test}' in column '{plan.SplitColumn}'.");
            return marks;
        }
        if (plan.TestRows is null) return marks;
        if (!File.Exists(plan.TestRows)) throw new LearnFault($"--test-rows: there is no file {plan.TestRows}.");
        foreach (var (number, line) in File.ReadLines(plan.TestRows).Select((line, i) => (i + 1, line.Trim())))
        {
            if (line.Length == 0) continue;
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var row))
            {
                if (number == 1 && !double.TryParse(line, CultureInfo.InvariantCulture, out _)) continue; // a header
                throw new LearnFault($"--test-rows: line {number}, '{line}', is no row number.");
            }
            if (row >= marks.Length) throw new LearnFault($"--test-rows: there is no row {row}; the file has {marks.Length}.");
            marks[row] = true;
        }
        if (!marks.Contains(true)) throw new LearnFault($"--test-rows: {plan.TestRows} names no row.");
        return marks;
    }

    private static bool IsTrain(LearnPlan plan, Table table, int split, bool[] isTest, int row) =>
        split >= 0 ? table.Cells(split)[row] == plan.Train : !isTest[row];
}
