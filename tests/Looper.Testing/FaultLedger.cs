using System.Diagnostics;
using System.Globalization;
using Looper.Core.Files;

namespace Looper.Testing;

/// <summary>What a fault test reached, in one line. Long runs keep it, with commit and date, in <c>tests/results/long.csv</c>.</summary>
public static class FaultLedger
{
    private const string Heads = "date,commit,id,seed,n,failures,bound,what";
    private static readonly Lock s_gate = new();

    /// <param name="id">As in the test's name.</param>
    /// <param name="n">Trials. None failed, or the test had ended before: with 95 % confidence fewer than 3/N fail.</param>
    /// <param name="what">The figures beside it.</param>
    /// <returns>The line, to be printed.</returns>
    public static string Line(string id, long n, string what)
    {
        var bound = Math.Min(1, 3.0 / n);
        if (Sizes.IsLong) Keep([id, Number(Sizes.Seed), Number(n), "0", bound.ToString("0.######", CultureInfo.InvariantCulture), what]);
        return string.Create(CultureInfo.InvariantCulture, $"{id}, seed {Sizes.Seed}, N {n}, failures 0, bound {bound:P2}: {what}");
    }

    private static void Keep(string[] cells)
    {
        lock (s_gate)
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (root is not null && !File.Exists(Path.Combine(root.FullName, "Looper.sln"))) root = root.Parent;
            if (root is null) return;
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine(root.FullName, "tests", "results")).FullName, "long.csv");
            if (!File.Exists(path)) File.WriteAllText(path, Heads + "\n");
            var line = string.Join(',', [TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Commit(root.FullName), .. cells.Select(CsvText.Cell)]);
            File.AppendAllText(path, line + "\n");
        }
    }

    private static string Commit(string root)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, "rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
