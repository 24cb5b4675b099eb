using System.Collections.Immutable;
using Looper.Core.Files;
using Looper.Core.Learning;

namespace Looper.Core.Tests.Learning;

/// <summary>The public tabular sets beside the repository; a test that reads them skips where they are absent.</summary>
internal static class Tabular
{
    public static (DataSet Train, DataSet Test) Read(string name, string label)
    {
        using var file = CsvFile.Open(Path.Combine(Directory(), "tabular", name + ".csv.gz"));
        var table = new Table(file.Header);
        while (file.Read() is { } row) table.Add(row);
        var (target, split) = (table.Header.IndexOf(label), table.Header.IndexOf("split"));
        var read = Enumerable.Range(0, table.Header.Length).Where(j => j != target && j != split).Select(j => table.Read(j)).ToArray();
        var whole = new DataSet([.. read.Select(r => r.Column)], [.. read.Select(r => r.Values)], table.Read(target).Values);
        int[] Of(string part) => [.. Enumerable.Range(0, table.Rows).Where(i => table.Cells(split)[i] == part)];
        return (whole.Take(Of("train")), whole.Take(Of("test")));
    }

    private static string Directory()
    {
        if (Environment.GetEnvironmentVariable("LOOPER_SHARED_DATA") is { Length: > 0 } told) return told;
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "Looper.sln"))) continue;
            var data = Path.Combine(at.Parent!.FullName, "shared", "data");
            if (System.IO.Directory.Exists(data)) return data;
            break;
        }
        Assert.Skip("The reference data is not beside the repository (../shared/data).");
        return "";
    }
}
