using System.Text.Json;
using Looper.Testing;
using Looper.Web.Commands;

namespace Looper.Web.Tests.Commands;

[Collection("console")] // what it says goes where the other commands' words are listened to
public sealed class OffPolicyPositionTests
{
    [Fact] // at the first place both were tried, at the second x alone
    public async Task A_position_has_a_value_where_it_was_tried_there()
    {
        using var folder = new TemporaryDirectory();
        var (log, told) = (Path.Combine(folder.Path, "log.csv"), Path.Combine(folder.Path, "o.json"));
        string[] rows = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? $"{(i % 4 == 0 ? "x" : "b")},{i / 4 % 2},0.5,0.5,0.5,1" : $"x,{i / 4 % 2},1,0.5,0.5,2")];
        File.WriteAllLines(log, ["a,r,p,pi_x,pi_b,k", .. rows]);
        string[] command = ["off-policy", "--data", log, "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--position", "k", "--out", told];
        Assert.Equal(0, await CommandLine.RunAsync(command, _ => throw new InvalidOperationException()));
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(told));
        JsonElement Of(string place) => report.RootElement.GetProperty("positions").GetProperty(place);
        Assert.Equal(0.5, Of("1").GetProperty("estimators").GetProperty("ips").GetProperty("estimate").GetDouble(), 1e-12);
        Assert.Empty(Of("1").GetProperty("overlap").GetProperty("warnings").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, Of("2").GetProperty("estimators").GetProperty("ips").GetProperty("estimate").ValueKind);
        Assert.StartsWith("50.0% of what the policy would do was never tried", Of("2").GetProperty("overlap").GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
    }
}
