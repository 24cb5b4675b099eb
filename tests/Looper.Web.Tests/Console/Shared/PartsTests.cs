using System.Collections.Immutable;
using Looper.Core;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Tests.Console.Shared;

public sealed class PartsTests
{
    [Fact]
    public async Task A_field_ties_help_and_error_to_its_control()
    {
        RenderFragment<FieldIds> control = ids => builder =>
        {
            builder.OpenElement(0, "input");
            builder.AddAttribute(1, "id", ids.Id);
            builder.AddAttribute(2, "aria-describedby", ids.DescribedBy);
            builder.AddAttribute(3, "aria-invalid", ids.Invalid);
            builder.CloseElement();
        };
        var html = await Rendering.OfAsync<FieldRow>(parameters: [("Label", "Traffic share"), ("Help", "Of eligible units."), ("Error", "Use 0 to 100."), ("ChildContent", control)]);
        Assert.Contains("<label for=\"field-traffic-share\">Traffic share</label>", html);
        Assert.Contains("aria-describedby=\"field-traffic-share-help field-traffic-share-error\" aria-invalid=\"true\"", html);
        Assert.Contains("id=\"field-traffic-share-error\"", html);
    }

    [Fact]
    public async Task Not_enough_data_says_what_is_there_and_what_is_needed()
    {
        var html = await Rendering.OfAsync<NotEnough>(parameters: [("Have", 43L), ("Need", 100L), ("Of", "units in treatment"), ("ReadyAt", new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))]);
        Assert.Contains("Not enough data: 43 of 100 units in treatment, about 2 d at today’s rate", html);
        Assert.Contains("width:43%", html);
    }

    [Fact]
    public async Task A_name_is_text_wherever_it_stands()
    {
        var html = await Rendering.OfAsync<PageHeader>(parameters: [("Title", "<script>alert(1)</script>"), ("Crumbs", ImmutableArray.Create(new Crumb("<img src=x onerror=1>", "/x")))]);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("<img", html);
    }

    [Theory]
    [InlineData("http://localhost/decision-points/a/models", "Models")]
    [InlineData("http://localhost/decision-points/a?range=7d", "Overview")]
    public async Task The_tab_of_the_address_is_marked(string address, string current)
    {
        var html = await Rendering.OfAsync<Tabs>(address, ("Label", "Parts"), ("Items", ImmutableArray.Create(new Tab("Overview", "/decision-points/a"), new Tab("Models", "/decision-points/a/models"))));
        Assert.Contains($"aria-current=\"page\">{current}</a>", html);
        Assert.Single(html.Split("aria-current").Skip(1));
    }

    [Fact]
    public async Task A_sparkline_of_one_point_draws_nothing_but_keeps_its_place()
    {
        var html = await Rendering.OfAsync<Sparkline>(parameters: [("Values", ImmutableArray.Create(double.NaN, 3)), ("Label", "Decisions")]);
        Assert.Contains("aria-label=\"Decisions\"", html);
        Assert.DoesNotContain("polyline", html);
    }

    [Fact]
    public void A_refusal_is_shown_with_its_field_and_stays()
    {
        var notices = new Notices();
        Assert.False(notices.Ok(new Refusal("draft.invalid", "Use 0 to 100.", "traffic")));
        var notice = Assert.Single(notices.All);
        Assert.Equal("traffic: Use 0 to 100.", notice.Text);
        Assert.Null(notice.Stays);
        notices.Done("Saved");
        Assert.Equal(TimeSpan.FromSeconds(6), notices.All[1].Stays);
    }

    [Fact]
    public async Task A_reason_that_begins_with_its_field_names_it_once()
    {
        var errors = new FieldErrors(new Refusal("x.invalid", "Name: it is empty.", "name"), new Refusal("x.invalid", "Too many.", "arms[1].key"));
        var html = await Rendering.OfAsync<ErrorSummary>(parameters: [("Errors", errors)]);
        Assert.Contains("data-field=\"name\"><strong>Name</strong></a>: it is empty.", html);
        Assert.Contains("data-field=\"arms[1].key\"><strong>arms[1].key</strong></a>: Too many.", html);
        var notices = new Notices();
        notices.Show(errors.All[0]);
        Assert.Equal("Name: it is empty.", notices.All[0].Text);
    }

    [Fact]
    public void Errors_are_found_by_their_field()
    {
        var errors = new FieldErrors(new Refusal("x.invalid", "Too long.", "name"), new Refusal("x.invalid", "No."));
        Assert.Equal("Too long.", errors["name"]);
        Assert.Null(errors["key"]);
        Assert.Equal(2, errors.All.Count);
    }

    [Fact]
    public void Every_term_has_its_sentence()
    {
        Assert.StartsWith("The probability with which this option was chosen", Glossary.Of("propensity"));
        Assert.All(Glossary.Terms.Values, sentence => Assert.EndsWith(".", sentence));
    }
}
