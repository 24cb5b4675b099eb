using System.Net;
using System.Text;
using Looper.Core.Access;

namespace Looper.Web.Tests.Api.Personalizer;

/// <summary>Who may call, under which addresses, and what is said of all others.</summary>
public sealed class PersonalizerCallerTests(PersonalizerApp looper) : IClassFixture<PersonalizerApp>
{
    private const string Call = """{"actions":[{"id":"a"},{"id":"b"}]}""";

    [Theory]
    [InlineData("/personalizer/v1.0/rank")]
    [InlineData("//personalizer/v1.0/rank")]
    [InlineData("/personalizer/v1.1-preview.1/rank")]
    [InlineData("/personalizer/v1.1-preview.2/rank")]
    [InlineData("/personalizer/v1.1-preview.3/rank")]
    [InlineData("/personalizer/rank?api-version=2022-09-01-preview")]
    [InlineData("/personalizer/offers/personalizer/v1.0/rank")]
    [InlineData("/personalizer/offers//personalizer/v1.0/rank")]
    [InlineData("/personalizer/offers/personalizer/rank?api-version=2022-09-01-preview")]
    public async Task Every_address_that_a_library_makes_of_an_endpoint_is_answered(string route)
    {
        using var content = new StringContent(Call, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(looper.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + route)) { Content = content };
        using var answer = await looper.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_that_may_use_several_decision_points_needs_one_in_the_address()
    {
        using var unnamed = await looper.Everywhere.SendAsync("/personalizer/v1.0/rank", Call);
        var error = await PersonalizerApp.ErrorAsync(unnamed, HttpStatusCode.NotFound, "ResourceNotFound", "decision-point.unnamed");
        Assert.Contains("limited to one", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Theory, InlineData("clicks"), InlineData("no-such-point")]
    public async Task A_key_of_another_decision_point_learns_nothing_of_this_one(string point)
    {
        foreach (var (route, body) in new[] { ("rank", Call), ("events/e/reward", """{"value":1}"""), ("events/e/activate", "") })
        {
            using var refused = await looper.Client.SendAsync($"/personalizer/{point}/personalizer/v1.0/{route}", body);
            var error = await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.NotFound, "ResourceNotFound", "decision-point.unknown");
            Assert.Contains($"There is no decision point '{point}' that this key may use", (string)error["message"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_is_taken_from_either_header_and_needs_the_scope()
    {
        using var usual = await looper.App.WithKeyAsync(KeyScopes.Decide, looper.Offers);
        await usual.OkAsync("/personalizer/v1.0/rank", Call);
        using (var refused = await usual.SendAsync("/personalizer/v1.0/events/e/reward", """{"value":1}"""))
            await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.Forbidden, "403", "access.denied");
        using (var refused = await usual.SendAsync("/personalizer/v1.0/events/e/activate", ""))
            await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.Forbidden, "403", "access.denied");
        using var observes = looper.With(await looper.App.KeyAsync(KeyScopes.Observe, looper.Offers));
        using (var refused = await observes.SendAsync("/personalizer/v1.0/rank", Call))
            await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.Forbidden, "403", "access.denied");
        using (var refused = await looper.App.Anonymous().SendAsync("/personalizer/v1.0/rank", Call))
        {
            var error = await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.Unauthorized, "401", "key.missing");
            Assert.Contains("Ocp-Apim-Subscription-Key", (string)error["message"]!, StringComparison.Ordinal);
        }
        using (var refused = await looper.With("lpr_of_nobody").SendAsync("/personalizer/v1.0/rank", Call))
            await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.Unauthorized, "401", "key.unknown");
    }

    [Theory]
    [InlineData("GET", "/personalizer/v1.0/rank", 405, "405", "request.method")]
    [InlineData("POST", "/personalizer/v1.1-preview.3/multislot/rank", 404, "ResourceNotFound", "route.unknown")]
    [InlineData("GET", "/personalizer/v1.0/configurations/service", 404, "ResourceNotFound", "route.unknown")]
    [InlineData("POST", "/personalizer/v9/rank", 404, "ResourceNotFound", "route.unknown")]
    [InlineData("POST", "/personalizer/offers", 404, "ResourceNotFound", "route.unknown")]
    public async Task What_is_not_offered_is_refused_in_the_same_form(string method, string route, int status, string code, string inner)
    {
        using var request = new HttpRequestMessage(new(method), route);
        using var refused = await looper.Client.SendAsync(request);
        await PersonalizerApp.ErrorAsync(refused, (HttpStatusCode)status, code, inner);
    }

    [Fact]
    public async Task A_body_that_is_said_to_be_something_else_is_refused()
    {
        using var content = new StringContent(Call, Encoding.UTF8, "text/plain");
        using var refused = await looper.Client.PostAsync("/personalizer/v1.0/rank", content);
        await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.UnsupportedMediaType, "415", "request.content-type");
    }
}
