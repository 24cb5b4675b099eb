using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests.Hillstrom;

/// <summary>The same customers imported as what they were, an experiment, and the report held against formulas written here.</summary>
public class PastExperimentTests
{
    [Fact]
    public async Task The_report_of_the_imported_experiment_equals_an_independent_computation()
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        await admin.PublishAsync(Campaign.Key, Campaign.Content(new JsonObject { ["kind"] = "random" }));
        await ImportAsync(admin);

        var experiment = (await admin.GetFromJsonAsync<JsonArray>($"/api/experiments?decisionPoint={Campaign.Key}"))!.Single()!;
        using var computed = await admin.PostAsJsonAsync($"/api/experiments/{experiment["id"]}/reports", new { });
        await LooperServer.EnsureAsync(computed);
        var report = JsonNode.Parse(await computed.Content.ReadAsStringAsync())!;
        report = report["content"] ?? report;

        Assert.Equal(48_000, report["arms"]!.AsArray().Sum(a => (long)a!["units"]!));
        Assert.Equal("green", report["health"]!.AsArray().Single(h => h!["name"]!.ToString() == "sample-ratio")!["state"]!.ToString());
        var customers = Customer.Read();
        foreach (var (outcome, value) in new (string, Func<Customer, double>)[] { ("visit", c => c.Visit), ("conversion", c => c.Conversion), ("spend", c => c.Spend) })
        {
            var metric = report["metrics"]!.AsArray().Single(m => m!["outcome"]!.ToString() == outcome)!;
            foreach (var email in Customer.Emails.Where(e => e != Customer.None))
            {
                var comparison = metric["comparisons"]!.AsArray().Single(c => c!["arm"]!.ToString() == email)!;
                var control = customers.Where(c => c.Email == Customer.None).Average(value);
                var treated = customers.Where(c => c.Email == email).Average(value);
                Close(treated - control, comparison["absolute"]!["estimate"]!);
                Close((treated - control) / control, comparison["relative"]!["estimate"]!);
            }
        }
    }

    private static void Close(double expected, JsonNode actual) => Assert.InRange(Math.Abs((double)actual / expected - 1), 0, 1e-9);

    private static async Task ImportAsync(HttpClient admin)
    {
        var mapping = new JsonObject
        {
            ["decisionPoint"] = Campaign.Key, ["option"] = "treatment", ["propensity"] = "uniform",
            ["experiment"] = new JsonObject { ["key"] = "hillstrom", ["name"] = "E-mails of 2008", ["baseline"] = Customer.None, ["primaryOutcome"] = "visit" },
        };
        using var form = new MultipartFormDataContent { { JsonContent.Create(mapping), "mapping" } };
        await using var bytes = File.OpenRead(Customer.Path);
        form.Add(new StreamContent(bytes), "file", "hillstrom.csv.gz");
        using var started = await admin.PostAsync("/api/imports", form);
        await LooperServer.EnsureAsync(started);
        await Campaign.JobAsync(admin, JsonNode.Parse(await started.Content.ReadAsStringAsync())!["jobId"]!.ToString());
    }
}
