using System.Diagnostics;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Core.Tests.Experiments;

public class ReportNotebookTests
{
    [Fact] // an independent computation: Python's own arithmetic on the exported numbers
    public async Task The_notebook_computes_the_stored_differences_again()
    {
        var units = Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i % 2, [i % (5 + i % 2), i % 7 / 3.0, i % 9 < 2 ? 1 : 0, i % 11 / 10.0]));
        var report = Exposed.Report(
            Exposed.Settings(Exposed.Plan(("control", 0.5), ("b “quoted” \\ 😀", 0.5)), "revenue"),
            Exposed.Blueprint(new Outcome("revenue", OutcomeKind.Number), new Outcome("visits", OutcomeKind.Number), new Outcome("buys", OutcomeKind.Boolean), new Outcome("buys-of-visits", OutcomeKind.Boolean)), units);
        var cells = JsonNode.Parse(ReportNotebook.Write(report))!["cells"]!.AsArray();
        var code = string.Join("\n", cells.Where(c => (string)c!["cell_type"]! == "code").Select(c => string.Concat(c!["source"]!.AsArray().Select(l => (string)l!))));
        using var python = Start(code);
        if (python is null)
        {
            Assert.Skip("python3 is not installed.");
            return;
        }

        var said = await python.StandardOutput.ReadToEndAsync();
        var wrong = await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, wrong);
        Assert.Equal(4, said.Split(", computed again").Length - 1);
        var distance = double.Parse(said.Trim().Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(distance, 0, 1e-9);
    }

    private static Process? Start(string code)
    {
        try
        {
            var info = new ProcessStartInfo("python3", "-") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            info.Environment["PYTHONIOENCODING"] = "utf-8";
            var python = Process.Start(info);
            python?.StandardInput.Write(code);
            python?.StandardInput.Close();
            return python;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
