using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Web.Commands;
using Looper.Web.Console;
using Looper.Web.Hosting;

return await CommandLine.RunAsync(args, async settings =>
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });
    builder.AddHosting();
    builder.Services.AddCore();
    builder.Services.AddPersistence();
    builder.Services.AddAccess();
    builder.AddConsole();

    var app = builder.Build();
    await app.OpenAsync();
    app.UseHosting();
    app.UseConsole();
    app.MapHosting();
    app.MapConsole();
    await app.RunAsync();
});

/// <summary>Named for the tests that host it.</summary>
public partial class Program;
