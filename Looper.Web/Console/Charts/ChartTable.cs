using System.Collections.Immutable;

namespace Looper.Web.Console.Charts;

/// <summary>The numbers of a chart as text: what the table, the hover text and the file all show.</summary>
public sealed record ChartTable(ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>A table with a row per item; each column is its head and how to write it.</summary>
    public static ChartTable Of<T>(IEnumerable<T> items, params (string Head, Func<T, string> Write)[] columns) =>
        new([.. columns.Select(column => column.Head)], [.. items.Select(item => columns.Select(column => column.Write(item)).ToImmutableArray())]);
}
