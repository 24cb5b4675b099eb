using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Core.Runs;
using Looper.Web.Console.Policies;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Web.Tests.Policies;

/// <summary>The value of a draft in its review, where one was told before.</summary>
public sealed class DraftValueTests
{
    private static readonly Caller s_analyst = new("Ann", Role.Analyst);

    [Fact]
    public async Task A_run_after_the_first_shows_how_far_it_is_and_why_it_failed()
    {
        await using var looper = new LooperApp();
        var content = ServedApp.Banner;
        var point = await looper.PublishAsync("banner", content);
        var (now, run) = (looper.Get<TimeProvider>().GetUtcNow(), new JobRun
        {
            Id = looper.Get<Ids>().Next(), Kind = JobKinds.ValuePolicy, DecisionPointId = point, Subject = "banner", State = JobState.Running, Phase = "Reading decisions", RequestedBy = "Ann", RequestedAt = looper.Get<TimeProvider>().GetUtcNow(),
            Input = new ValueInput("Draft", BlueprintJson.Write(content), null, null, null).Write(),
        });
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var result = new PolicyEvaluationResult { DecisionPoint = "banner", Title = "Draft", Policy = "random", Reward = "purchase", NotUsed = new(0, 0, 0, 0), Refused = "There are too few decisions.", RefusedCode = "too-few-decisions" };
            db.Add(new PolicyEvaluation { Id = looper.Get<Ids>().Next(), DecisionPointId = point, MadeAt = now.AddHours(-1), Hash = BlueprintJson.Hash(BlueprintJson.Write(content)), Result = PolicyJson.Write(result) });
            db.Add(run);
            await db.SaveChangesAsync();
        }
        await using var scope = looper.Services.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, NullLoggerFactory.Instance);
        await renderer.Dispatcher.InvokeAsync(async () =>
        {
            Func<Task>? again = null;
            var root = renderer.BeginRenderingComponent<Around>(ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Around.Content)] = content, [nameof(Around.Ready)] = (Func<Task> a) => { again = a; } }));
            await root.QuiescenceTask;
            Assert.Contains("Reading decisions", root.ToHtmlString(), StringComparison.Ordinal);
            Assert.Contains("too few decisions", root.ToHtmlString(), StringComparison.Ordinal);
            await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
                await db.Set<JobRun>().ExecuteUpdateAsync(r => r.SetProperty(x => x.State, JobState.Failed).SetProperty(x => x.Result, "The disk is full."));
            await again!();
            await Testing.Eventually.IsTrueAsync(() => Task.FromResult(root.ToHtmlString().Contains("The last estimate came to nothing: The disk is full.", StringComparison.Ordinal)));
            Assert.Contains("too few decisions", root.ToHtmlString(), StringComparison.Ordinal);
        });
    }

    /// <summary>Sets the parameters anew, as a page does when it hears of a change.</summary>
    private sealed class Around : ComponentBase
    {
        [Parameter] public required BlueprintContent Content { get; set; }

        [Parameter] public required Action<Func<Task>> Ready { get; set; }

        protected override void OnInitialized() => Ready(() => InvokeAsync(StateHasChanged));

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.OpenComponent<CascadingValue<Caller>>(0);
            builder.AddComponentParameter(1, "Value", s_analyst);
            builder.AddComponentParameter(2, "ChildContent", (RenderFragment)(inner =>
            {
                inner.OpenComponent<DraftValue>(0);
                inner.AddComponentParameter(1, "Draft", Guid.Empty);
                inner.AddComponentParameter(2, "Key", "banner");
                inner.AddComponentParameter(3, "Content", Content);
                inner.AddComponentParameter(4, "Caller", s_analyst);
                inner.CloseComponent();
            }));
            builder.CloseComponent();
        }
    }
}
