using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Web.Console;
using Looper.Web.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddHosting();
builder.Services.AddCore();
builder.Services.AddPersistence();
builder.Services.AddAccess();
builder.AddConsole();

var app = builder.Build();
app.UseHosting();
app.UseConsole();
app.MapHosting();
app.MapConsole();
app.Run();

/// <summary>Named for the tests that host it.</summary>
public partial class Program;
