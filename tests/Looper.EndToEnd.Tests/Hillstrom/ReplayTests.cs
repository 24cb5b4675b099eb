using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Files;
using Looper.Testing;
using Looper.Testing.Servers;
using Looper.Web.Commands.Replay;

namespace Looper.EndToEnd.Tests.Hillstrom;

/// <summary>
/// The main job on real customers: decide at random for the first half, observe where the option drawn is the one the customer
/// really got, train, publish, decide with what was learned for the second half, and say what that was worth.
/// </summary>
public class ReplayTests(ITestOutputHelper output)
{
    private const int Half = 24_000;

    [Fact]
    public async Task A_policy_learned_from_the_first_half_of_the_customers_decides_for_the_second()
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var cancel = TestContext.Current.CancellationToken;
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        await admin.PublishAsync(Campaign.Key, Campaign.Content(new JsonObject { ["kind"] = "random" }));
        var key = await admin.CreateKeyAsync("decide", "observe");

        var first = await ReplayAsync(server, key, skip: 0);
        Assert.Equal((Half, Half), (first.Rows, first.Decided));
        Assert.Empty(first.Refused);
        Assert.InRange(first.Matched, 7_700, 8_300); // a third, ± 4 standard errors
        Assert.Equal(first.Matched, first.Observed);

        await Task.Delay(TimeSpan.FromSeconds(65), cancel); // the windows of one minute close
        var model = await Campaign.TrainAsync(admin);
        await Campaign.PublishPolicyAsync(admin, new JsonObject { ["kind"] = "epsilon-greedy", ["epsilon"] = 0.1 });

        var second = await ReplayAsync(server, key, skip: Half);
        Assert.Equal((Half, Half), (second.Rows, second.Decided));
        await Task.Delay(TimeSpan.FromSeconds(65), cancel);

        var served = (await PoliciesAsync(admin, version: 2)).Single(p => p["kind"]!.ToString() == "served");
        var atRandom = await PoliciesAsync(admin, version: 1);
        var constants = atRandom.Where(p => p["kind"]!.ToString() == "constant").ToList();
        var best = constants.MaxBy(Value)!;
        var random = atRandom.Single(p => p["kind"]!.ToString() == "random");
        output.WriteLine($"model {model["number"]} ({model["family"]}) on {model["rows"]} customers");
        foreach (var (name, policy) in new[] { ("learned policy", served), ($"always {best["option"]}", best), ("random policy", random) })
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: visit rate {Value(policy):P2} [{(double)policy["snips"]!["low"]!:P2}, {(double)policy["snips"]!["high"]!:P2}]"));
        output.WriteLine($"replay: {first.Rows / first.Elapsed.TotalSeconds:F0} and {second.Rows / second.Elapsed.TotalSeconds:F0} customers a second");

        // What the file itself says, by a formula of its own: the estimates must lie where an honest replay puts them.
        var customers = Customer.Read();
        Close(customers.Take(Half).Average(c => c.Visit), random);
        foreach (var constant in constants) Close(customers.Take(Half).Where(c => c.Email == constant["option"]!.ToString()).Average(c => c.Visit), constant);
        Assert.True(Value(served) > 0 && (double)served["snips"]!["low"]! < Value(served) && Value(served) < (double)served["snips"]!["high"]!);
    }

    /// <summary>Within four of the estimate's own standard errors.</summary>
    private static void Close(double truth, JsonNode policy) =>
        Assert.True(Math.Abs(Value(policy) - truth) <= 4 * (double)policy["snips"]!["standardError"]!, $"{policy["name"]}: {Value(policy)} is far from {truth}");

    private static double Value(JsonNode policy) => (double)policy["snips"]!["value"]!;

    private static async Task<List<JsonNode>> PoliciesAsync(HttpClient admin, int version) =>
        [.. (await admin.GetFromJsonAsync<JsonNode>($"/api/decision-points/{Campaign.Key}/policy-value?outcome=visit&version={version}"))!["policies"]!.AsArray().Select(p => p!)];

    private static async Task<ReplayResult> ReplayAsync(LooperServer server, string key, int skip)
    {
        using var file = CsvFile.Open(Customer.Path);
        using var http = new HttpClient();
        var plan = new ReplayPlan
        {
            Server = server.Address, ApiKey = key, DecisionPoint = Campaign.Key, FeatureColumns = [.. Campaign.Features], OutcomeColumns = [.. Campaign.Outcomes],
            OptionColumn = "treatment", Skip = skip, Take = Half, Run = "hillstrom",
        };
        var answer = await new Replayer(http, TimeProvider.System).RunAsync(plan, file, null, TestContext.Current.CancellationToken);
        Assert.Null(answer.Refusal);
        return answer.Value!;
    }
}
