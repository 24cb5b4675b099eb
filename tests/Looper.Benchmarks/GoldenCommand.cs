using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Testing;

namespace Looper.Benchmarks;

/// <summary><c>golden --cases FILE --out FILE</c>: answers a file of golden cases with Looper's kernels.</summary>
internal static class GoldenCommand
{
    /// <returns>0 on success, 2 with one line on stderr for bad arguments or data.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        string? cases = Option(arguments, "--cases"), destination = Option(arguments, "--out");
        if (cases is null || destination is null) return Fail("Give both: golden --cases FILE --out FILE.");
        try
        {
            var file = JsonNode.Parse(File.ReadAllText(cases));
            if (file?["cases"] is not JsonArray) return Fail($"{cases}: there is no array 'cases' in it.");
            File.WriteAllText(destination, GoldenStatistics.Answer(file).ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            return 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or NotSupportedException or InvalidOperationException or NullReferenceException)
        {
            return Fail($"{cases}: {fault.Message}");
        }
    }

    private static string? Option(ReadOnlySpan<string> arguments, string name)
    {
        var at = arguments.IndexOf(name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }

    private static int Fail(string line)
    {
        Console.Error.WriteLine(line);
        return 2;
    }
}
