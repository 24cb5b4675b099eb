using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Looper.Core.Policies;
using Looper.Core.Runs;
using Looper.Core.Studies;
using Looper.Jobs;
using Looper.Web.Api;
using Looper.Web.Commands;
using Looper.Web.Console;
using Looper.Web.Hosting;
using Looper.Web.Hosting.Demo;

return await CommandLine.RunAsync(args, async settings =>
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });
    var database = Settings.DatabaseOf(builder.Configuration);
    builder.AddHosting();
    builder.Services.AddCore();
    builder.Services.AddPersistence();
    builder.Services.AddAccess();
    builder.Services.AddEvents();
    builder.Services.AddHostedService<JournalGuard>();
    builder.Services.AddShipping(database);
    builder.Services.AddServing();
    builder.Services.AddRuns();
    builder.Services.AddDecisions();
    builder.Services.AddModels();
    builder.Services.AddMonitoring();
    builder.Services.AddExperiments();
    builder.Services.AddPersonalization();
    builder.Services.AddPolicies();
    builder.Services.AddStudies();
    builder.Services.AddLooperJobs(database);
    builder.AddConsole();
    builder.AddDemo();

    var app = builder.Build();
    await app.OpenAsync();
    app.UseConsole();
    app.UseHosting();
    app.MapHosting();
    app.MapServing();
    app.MapJobs();
    app.MapDrafts();
    app.MapDecisionPoints();
    app.MapDecisionPointData();
    app.MapImports();
    app.MapDataSettings();
    app.MapModels();
    app.MapTraining();
    app.MapMonitoring();
    app.MapExperiments();
    app.MapStudies();
    app.MapSimulations();
    app.MapConsole();
    await app.ServeAsync();
});

/// <summary>Named for the tests that host it.</summary>
public partial class Program;
