using System.Globalization;
using Looper.Core.Learning;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Effects;

/// <summary>The rows of a file as units of several arms.</summary>
/// <param name="Units">All rows: features, and the outcome as label, NaN where unknown.</param>
/// <param name="Arms">Arm of every row: 0 for control, k for the treatment <c>Names[k − 1]</c>.</param>
/// <param name="Names">The treatments.</param>
/// <param name="Propensity">Per row as given; null when none was.</param>
/// <param name="Train">Rows to learn from.</param>
/// <param name="Test">Rows to judge by; may be empty.</param>
/// <param name="Control">The control, as the file writes it.</param>
internal sealed record EffectsData(DataSet Units, int[] Arms, string[] Names, double[]? Propensity, int[] Train, int[] Test, string Control)
{
    /// <summary>The one chance of treatment that all rows had; null where it was given by row or not at all.</summary>
    public double? Chance { get; private init; }

    public static EffectsData Read(EffectsPlan plan)
    {
        var table = CommandFile.Load(plan.Data);
        foreach (var (option, names) in new[] { ("--categorical", plan.Categorical), ("--numeric", plan.Numeric), ("--drop", plan.Drop), ("--features", plan.Features) })
            foreach (var name in names) CommandFile.Column(table, name, option);
        var treatment = CommandFile.Column(table, plan.Treatment, "--treatment");
        var outcomes = CommandFile.Numbers(table, plan.Outcome, "--outcome");
        var chance = plan.Propensity is { } text && !table.Header.Contains(text) ? CommandFile.Number(text) : null; // a column wins
        var propensity = plan.Propensity is { } column && chance is null ? CommandFile.Complete(table, column, "--propensity") : null;
        string?[] taken = [plan.Treatment, plan.Outcome, plan.Propensity, plan.SplitColumn];
        var used = Enumerable.Range(0, table.Header.Length).Where(j => !taken.Contains(table.Header[j]) && !plan.Drop.Contains(table.Header[j])
            && (plan.Features.IsEmpty || plan.Features.Contains(table.Header[j]))).ToArray();
        if (used.Length == 0) throw new FileFault("No column is left to tell units apart by.");
        CheckNumeric(plan, table);
        var read = used.Select(j => table.Read(j, Kind(plan, table.Header[j]))).ToArray();
        var cells = table.Cells(treatment);
        plan = plan with { Control = CommandFile.Value([.. cells.Distinct()], plan.Control) };
        var (arms, treatments) = ArmsOf(cells, plan);
        if (chance is not (null or (> 0 and < 1))) throw new FileFault($"--propensity: {plan.Propensity} is no probability inside 0 and 1.");
        if (chance is not null && treatments.Length > 1) throw new FileFault("--propensity: one number is the chance of one treatment, and there are several. Name a column.");
        var test = TestRows(plan, table);
        var isTest = test.ToHashSet();
        var split = plan.SplitColumn is null ? null : table.Cells(CommandFile.Column(table, plan.SplitColumn, "--split-column"));
        int[] train = [.. Enumerable.Range(0, table.Rows).Where(i => split is null ? !isTest.Contains(i) : split[i] == plan.Train)];
        if (train.Length == 0) throw new FileFault(split is null ? "--test-rows: they are all rows; none is left to learn from." : $"--train: no row has '{plan.Train}' in column '{plan.SplitColumn}'.");
        train = [.. train.Where(i => double.IsFinite(outcomes[i]))];
        if (train.Length == 0) throw new FileFault($"--outcome: column '{plan.Outcome}' is empty in every row to learn from.");
        return new(new([.. read.Select(r => r.Column)], [.. read.Select(r => r.Values)], outcomes), arms, treatments, propensity, train, test, plan.Control) { Chance = chance };
    }

    // a column of words read as numbers would be a column of nothing
    private static void CheckNumeric(EffectsPlan plan, Table table)
    {
        foreach (var name in plan.Numeric) CommandFile.Numbers(table, name, "--numeric");
    }

    private static ColumnKind? Kind(EffectsPlan plan, string name) =>
        plan.Categorical.Contains(name) ? ColumnKind.Category : plan.Numeric.Contains(name) ? ColumnKind.Number : null;

    private static (int[] Arms, string[] Names) ArmsOf(IReadOnlyList<string> cells, EffectsPlan plan)
    {
        var empty = cells.ToList().IndexOf("");
        if (empty >= 0) throw new FileFault($"--treatment: column '{plan.Treatment}' is empty in row {empty}.");
        string[] names = [.. cells.Distinct().Order(StringComparer.Ordinal)];
        if (!names.Contains(plan.Control)) throw new FileFault($"--control: no row has '{plan.Control}' in column '{plan.Treatment}'. Its values are {string.Join(", ", names.Take(20))}.");
        names = [.. names.Where(n => n != plan.Control)];
        if (names.Length is 0 or > 20) throw new FileFault($"--treatment: column '{plan.Treatment}' has {names.Length} values beside '{plan.Control}'; 1 to 20 can be compared.");
        var index = names.Select((n, k) => (n, k)).ToDictionary(p => p.n, p => p.k + 1, StringComparer.Ordinal);
        return ([.. cells.Select(c => index.GetValueOrDefault(c))], names);
    }

    private static int[] TestRows(EffectsPlan plan, Table table)
    {
        if (plan.SplitColumn is { } name)
        {
            var cells = table.Cells(CommandFile.Column(table, name, "--split-column"));
            int[] marked = [.. Enumerable.Range(0, cells.Count).Where(i => cells[i] == plan.Test)];
            return marked.Length > 0 ? marked : throw new FileFault($"--test: no row has '{plan.Test}' in column '{name}'.");
        }
        if (plan.TestRows is null) return [];
        if (!File.Exists(plan.TestRows)) throw new FileFault($"--test-rows: there is no file {plan.TestRows}.");
        var rows = new SortedSet<int>();
        foreach (var (line, number) in File.ReadLines(plan.TestRows).Select((l, i) => (l.Trim(), i + 1)))
        {
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var row))
            {
                if (line.Length == 0 || (number == 1 && CommandFile.Number(line) is null)) continue; // a header
                throw new FileFault($"--test-rows: '{line}' in line {number} is no row number; rows are counted from 0.");
            }
            if (row >= table.Rows) throw new FileFault($"--test-rows: there is no row {row}; the file has {table.Rows}.");
            rows.Add(row);
        }
        return [.. rows];
    }
}
