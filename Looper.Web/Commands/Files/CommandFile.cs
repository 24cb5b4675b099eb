using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Looper.Core.Files;
using Looper.Core.Learning;

namespace Looper.Web.Commands.Files;

/// <summary>Arguments or data admit no answer; the message is the one line that the user sees.</summary>
internal sealed class FileFault(string message) : Exception(message);

/// <summary>What every command on a CSV file does alike: reading it, naming what is missing.</summary>
internal static class CommandFile
{
    public static Option<string> Required(string name, string description) => new(name) { Description = description, Required = true };

    public static Option<string?> Optional(string name, string description) => new(name) { Description = description };

    public static ImmutableArray<string> Split(string? names) => [.. (names ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Runs a command: 0, or 2 with one line.</summary>
    public static async Task<int> RunAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception fault) when (fault is FileFault or UnlearnableException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await System.Console.Error.WriteLineAsync(fault.Message);
            return 2;
        }
    }

    public static Table Load(string path)
    {
        if (!File.Exists(path)) throw new FileFault($"--data: there is no file {path}.");
        try
        {
            using var file = CsvFile.Open(path);
            if (file.Header.IsEmpty) throw new FileFault($"--data: {path} has no header.");
            if (file.Header.FirstOrDefault(h => h.Length > 0 && file.Header.IndexOf(h) != file.Header.LastIndexOf(h)) is { } twice)
                throw new FileFault($"--data: {path} has two columns '{twice}'. Rename or remove one of them.");
            var table = new Table(file.Header);
            while (file.Read() is { } row) table.Add(row);
            return table.Rows > 0 ? table : throw new FileFault($"--data: {path} has no rows.");
        }
        catch (InvalidDataException fault)
        {
            throw new FileFault($"--data: {path} cannot be read. {fault.Message}");
        }
    }

    /// <summary>Refuses two ways to say which rows are for testing: one would be passed over.</summary>
    public static void CheckSplit(string? splitColumn, string? testRows)
    {
        if (splitColumn is not null && testRows is not null) throw new FileFault("--test-rows: --split-column says already which rows are for testing. Give one of them.");
    }

    public static int Column(Table table, string name, string option)
    {
        var index = table.Header.IndexOf(name);
        return index >= 0 ? index : throw new FileFault($"{option}: the file has no column '{name}'. Its columns are {string.Join(", ", table.Header)}.");
    }

    /// <summary>Numbers of a column, NaN where empty; any other text is a fault.</summary>
    public static double[] Numbers(Table table, string name, string option)
    {
        var column = Column(table, name, option);
        var (cells, values) = (table.Cells(column), table.Read(column, ColumnKind.Number).Values);
        for (var i = 0; i < values.Length; i++)
            if (cells[i].Length > 0 && !double.IsFinite(values[i])) throw new FileFault($"{option}: '{cells[i]}' in row {i} is not a number.");
        return values;
    }

    /// <summary>The same, with no row empty.</summary>
    public static double[] Complete(Table table, string name, string option)
    {
        var values = Numbers(table, name, option);
        var empty = Array.FindIndex(values, double.IsNaN);
        return empty < 0 ? values : throw new FileFault($"{option}: column '{name}' is empty in row {empty}.");
    }

    /// <summary>The value of a column that a user means: as written, or the one that is the same number.</summary>
    public static string Value(IReadOnlyCollection<string> values, string given)
    {
        if (values.Contains(given) || Number(given) is not { } number) return given;
        string[] same = [.. values.Where(v => Number(v) == number)];
        return same is [var one] ? one : given;
    }

    /// <summary>Null for what is no number.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>A line of the result in words, for whoever sits at the terminal: beside progress, so that stdout stays for data.</summary>
    public static void Say(FormattableString line) => System.Console.Error.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number to read: four digits are enough.</summary>
    public static string Short(double? value) => value is { } number && double.IsFinite(number) ? number.ToString("G4", CultureInfo.InvariantCulture) : "undefined";

    /// <summary>Undefined is null in a file.</summary>
    public static double? Figure(double value) => double.IsFinite(value) ? value : null;

    public static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Text(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";
}
