using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Looper.Testing;

namespace Looper.Benchmarks.Serving;

/// <summary>What one run of wrk saw.</summary>
internal readonly record struct Load(double PerSecond, TimeSpan P50, TimeSpan P99, long Requests, long Bad);

/// <summary>Debian's wrk, sending one of many prepared bodies after another.</summary>
internal sealed partial class Wrk(int connections, int processor) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>A script that posts these bodies in turn.</summary>
    public string Script(string name, string? key, IEnumerable<byte[]> bodies)
    {
        var lua = new StringBuilder("local bodies = {\n");
        foreach (var body in bodies) lua.Append("[==[").Append(Encoding.UTF8.GetString(body)).Append("]==],\n");
        lua.Append("}\nlocal requests, at = {}, 0\nlocal headers = { [\"Content-Type\"] = \"application/json\"");
        if (key is not null) lua.Append(CultureInfo.InvariantCulture, $", [\"X-Api-Key\"] = \"{key}\"");
        lua.Append(" }\nfunction init()\n  for i, body in ipairs(bodies) do requests[i] = wrk.format(\"POST\", nil, headers, body) end\nend\n");
        lua.Append("function request()\n  at = at % #requests + 1\n  return requests[at]\nend\n");
        return Script(name, lua.ToString());
    }

    public string Script(string name, string lua)
    {
        var path = Path.Combine(_directory.Path, name + ".lua");
        File.WriteAllText(path, lua);
        return path;
    }

    public async Task<Load> RunAsync(string url, string script, int seconds)
    {
        var start = new ProcessStartInfo(processor >= 0 ? "taskset" : "wrk") { RedirectStandardOutput = true };
        if (processor >= 0) foreach (var argument in new[] { "-c", processor.ToString(CultureInfo.InvariantCulture), "wrk" }) start.ArgumentList.Add(argument);
        foreach (var argument in new[] { "-t1", $"-c{connections}", $"-d{seconds}", "--latency", "-s", script, url }) start.ArgumentList.Add(argument);
        using var wrk = Process.Start(start)!;
        var said = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (PerSecond().Match(said) is not { Success: true } rate) throw new InvalidOperationException("wrk said: " + said);
        return new(
            double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), Time(Fifty().Match(said)), Time(NinetyNine().Match(said)),
            long.Parse(Total().Match(said).Groups[1].Value, CultureInfo.InvariantCulture),
            Non2xx().Match(said) is { Success: true } bad ? long.Parse(bad.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
    }

    public void Dispose() => _directory.Dispose();

    private static TimeSpan Time(Match match)
    {
        var value = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "us" => TimeSpan.FromMicroseconds(value),
            "ms" => TimeSpan.FromMilliseconds(value),
            _ => TimeSpan.FromSeconds(value),
        };
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"50%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex Fifty();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex NinetyNine();

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Total();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Non2xx();
}
