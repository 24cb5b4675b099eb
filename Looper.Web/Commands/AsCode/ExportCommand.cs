using System.CommandLine;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.AsCode;

/// <summary><c>export</c>: the decision points of a running server as a YAML file for a repository.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var url = ServerOption.Create();
        var to = new Option<string?>("--out") { Description = "File to write. Without it the export goes to the standard output." };
        var points = new Option<string[]>("--decision-point") { Description = "Key of a decision point, as often as needed. Without it all that are published and neither archived nor simulated.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("export", $"Write the decision points of a running server as YAML. A key that may read is taken from {KeyVariable.Name}.") { url, to, points };
        command.SetAction(async (parsed, cancel) =>
        {
            var code = 2;
            return Math.Max(await CommandFile.RunAsync(async () => code = await ExportAsync(parsed.GetValue(url)!, parsed.GetValue(to), parsed.GetValue(points) ?? [], cancel)), code);
        });
        return command;
    }

    private static async Task<int> ExportAsync(Uri server, string? to, string[] points, CancellationToken cancel)
    {
        var key = KeyVariable.Read("read or manage", out var unset);
        if (unset is not null) throw new FileFault(unset);
        if (to is not null) OutputFile.Check(to, "--out");
        var (yaml, refused) = await LooperCall.To(server, key).GetAsync($"api/configuration.yaml?{string.Join('&', points.Select(p => $"decisionPoint={Uri.EscapeDataString(p)}"))}", cancel);
        if (yaml is null) throw new FileFault(refused);
        if (to is null) await System.Console.Out.WriteAsync(yaml);
        else await OutputFile.WriteAsync(to, file => file.WriteAsync(yaml.AsMemory(), cancel));
        return 0;
    }
}
