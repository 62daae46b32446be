// What a user of the TypeScript SDK does, from the first call to the last, with the ids handed on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { asset, called, CLASSES, FUNCTIONS, functions, Leo, methods, NOBODY, untilComplete, upload } from "./leo.mjs";

const LIGHTNING_XL = "b24e16ff-06e3-43eb-8d33-4416c2d75876";
const KINO_XL = "aa77f04e-3eec-4034-9c07-d0f619684628";
const VISION_XL = "5c232a9e-9061-4777-980a-ddc8e65647c6";
const FLUX_DEV = "b2614463-296c-462a-9586-aafdb8f00e36";

const CUBE_OBJ = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nf 1/1 2/2 3/3\n";
const FILM_MP4 = Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "latin1");
const JPEG_URL = "data:image/jpeg;base64,";

const SDXL = { numImages: 4, inferenceSteps: 15, alchemyMode: true, highResolution: false, isSDXL: true };
const LIGHTNING = { ...SDXL, isSDXL: false, isSDXLLightning: true };

const JOURNEYS = {
  "an account": async (leo) => {
    const { userDetails } = await leo.call("user.getUserSelf");

    assert.equal(userDetails.length, 1);
    const { user, ...counters } = userDetails[0];
    assert.match(user.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.notEqual(user.id, leo.key);
    assert.equal(typeof user.username, "string");
    assert(Number.isInteger(counters.apiPaidTokens) && Number.isInteger(counters.apiSubscriptionTokens));
    assert(counters.apiConcurrencySlots > 0);
  },

  prompts: async (leo) => {
    const { promptGeneration: idea } = await leo.call("prompt.promptRandom");
    assert.notEqual(idea.prompt, "The random prompt generated."); // what the SDK puts where there is none
    assert(idea.prompt.trim());
    assert.equal(await leo.pays(idea), 4);

    const { promptGeneration: better } = await leo.call("prompt.promptImprove", {
      prompt: "a fox",
      promptInstructions: "at night",
    });
    assert(!["", "a fox", "The improved prompt."].includes(better.prompt));
    assert.equal(await leo.pays(better), 4);
  },

  prices: async (leo) => {
    const published = [
      ["IMAGE_GENERATION", { ...LIGHTNING, imageWidth: 512, imageHeight: 512 }, 15],
      ["IMAGE_GENERATION", { ...LIGHTNING, imageWidth: 1024, imageHeight: 1024 }, 40],
      ["IMAGE_GENERATION", { ...SDXL, imageWidth: 1024, imageHeight: 1024 }, 66],
      ["MOTION_SVD_GENERATION", {}, 45],
      ["LCM_GENERATION", { width: 512, height: 512 }, 1],
      ["LCM_GENERATION", { width: 1024, height: 1024 }, 4],
      ["MODEL_TRAINING", { resolution: 512 }, 750],
      ["MODEL_TRAINING", { resolution: 768 }, 1_500],
      ["TEXTURE_GENERATION", { preview: false }, 150],
      ["TEXTURE_GENERATION", { preview: true }, 30],
      ["UNIVERSAL_UPSCALER", { megapixel: 6 }, 80],
    ];
    for (const [service, params, price] of published) {
      assert.equal(await leo.price(service, params), price, service);
    }
    const others = [
      ["FANTASY_AVATAR_GENERATION", { imageWidth: 512, imageHeight: 512, numImages: 1 }],
      ["MOTION_VIDEO_GENERATION", { resolution: "RESOLUTION_480" }],
      ["UNIVERSAL_UPSCALER_ULTRA", { inputWidth: 512, inputHeight: 512, upscaleMultiplier: 2 }],
    ];
    for (const [service, params] of others) {
      const price = await leo.price(service, params);
      assert(Number.isInteger(price) && price > 0, service);
    }
    const veo = await leo.call("pricingCalculator.pricingCalculator", {
      service: "VEO3_MOTION_VIDEO_GENERATION",
      serviceParams: { veo3MotionVideoGeneration: { resolution: "RESOLUTION_720" } },
    });
    assert(veo.calculateProductionApiServiceCost.cost > 0);
  },

  refusals: async (leo) => {
    await assert.rejects(leo.call("image.createGeneration", { prompt: "x".repeat(1_501) }), (error) => {
      assert.equal(error.name, "SDKError");
      assert.equal(error.statusCode, 400);
      assert.deepEqual(JSON.parse(error.body), {
        error: "Invalid prompt, maximum length of 1500 characters exceeded.",
        path: "$",
        code: "unexpected",
      });
      return true;
    });
    await assert.rejects(leo.call("variation.createVariationUpscale", { id: NOBODY }), /couldn't access image/);

    // No body at all: the SDK lets one leave it out (and sends a content type without content).
    const absent = /expecting a value for non-nullable variable/;
    await assert.rejects(leo.call("variation.createVariationUpscale"), absent);
    await assert.rejects(leo.call("motion.createSVDMotionGeneration"), absent);

    const [image] = await makeOne(leo, "a fox");
    const wrong = { id: image.id, isVariation: true };
    await assert.rejects(leo.call("variation.createVariationNoBG", wrong), /failed to find init variation/);

    // What is well put but not there is no error.
    assert.equal(await generation(leo, NOBODY), null);
    assert.deepEqual(await leo.call("variation.getVariationById", NOBODY), { generatedImageVariationGeneric: [] });
  },

  images: async (leo) => {
    const price = await leo.price("IMAGE_GENERATION", { ...LIGHTNING, imageWidth: 1024, imageHeight: 768 });
    const { sdGenerationJob: job } = await leo.call("image.createGeneration", { prompt: "a lighthouse" });
    assert.equal(await leo.pays(job), price);
    const first = await untilComplete(() => generation(leo, job.generationId));

    // What the SDK fills in when only a prompt is given.
    assert.deepEqual([first.prompt, first.modelId], ["a lighthouse", LIGHTNING_XL]);
    assert.deepEqual([first.imageWidth, first.imageHeight, first.presetStyle], [1024, 768, "DYNAMIC"]);
    assert.deepEqual(first.generationElements, []);
    assert.equal(typeof first.seed, "number");
    assert.equal(new Set(first.generatedImages.map(({ id }) => id)).size, 4);
    for (const image of first.generatedImages) {
      assert.deepEqual(image.generatedImageVariationGenerics, []);
      assert.deepEqual([image.nsfw, image.likeCount, image.motionMp4URL], [false, 0, null]);
      const picture = await asset(image.url, "image/jpeg");
      assert.equal(picture.readUInt16BE(), 0xff_d8);
    }

    const second = await make(leo, {
      prompt: "a lighthouse, again",
      negativePrompt: "fog",
      modelId: KINO_XL,
      width: 512,
      height: 640,
      numImages: 2,
      seed: 4_242,
      presetStyle: "CINEMATIC",
      public: true,
      photoReal: null,
      initImageId: null,
    });
    assert.deepEqual([second.imageWidth, second.imageHeight, second.seed], [512, 640, 4_242]);
    assert.deepEqual([second.negativePrompt, second.modelId, second.public], ["fog", KINO_XL, true]);
    assert.deepEqual([second.presetStyle, second.generatedImages.length], ["CINEMATIC", 2]);

    const page = async (limit, offset) => {
      const { generations } = await leo.call("image.getGenerationsByUserId", leo.userId, limit, offset);
      return generations.map(({ id }) => id);
    };
    assert.deepEqual(await page(), [second.id, first.id]);
    assert.deepEqual(await page(1, 0), [second.id]);
    assert.deepEqual(await page(1, 1), [first.id]);
    assert.deepEqual(await page(10, 2), []);

    const gone = await leo.call("image.deleteGenerationById", first.id);
    assert.equal(gone.deleteGenerationsByPk.id, first.id);
    assert.equal(await generation(leo, first.id), null);
    assert.deepEqual(await page(), [second.id]);
    assert.equal((await leo.call("image.deleteGenerationById", first.id)).deleteGenerationsByPk, null);
  },

  variations: async (leo) => {
    const [image, made] = await makeOne(leo, "a fox");
    await leo.signIn();
    const { sdUpscaleJob: upscale } = await leo.call("variation.createVariationUpscale", { id: image.id });
    assert.equal(await leo.pays(upscale), 15);
    const original = { id: image.id, isVariation: false };
    const { sdUnzoomJob: unzoom } = await leo.call("variation.createVariationUnzoom", original);
    assert.equal(await leo.pays(unzoom), 15);
    const { sdNobgJob: cutout } = await leo.call("variation.createVariationNoBG", original);
    assert.equal(await leo.pays(cutout), 5);
    const { universalUpscaler: universal } = await leo.call("variation.createUniversalUpscalerJob", {
      generatedImageId: image.id,
      upscaleMultiplier: 2,
    });
    assert.equal(await leo.pays(universal), 60);

    const kinds = new Map([
      [upscale.id, "UPSCALE"],
      [unzoom.id, "UNZOOM"],
      [cutout.id, "NOBG"],
      [universal.id, "UPSCALE"],
    ]);
    assert.equal(kinds.size, 4);
    const urls = new Map();
    for (const [id, kind] of kinds) {
      const found = await untilComplete(() => variation(leo, id));
      assert.equal(found.transformType, kind);
      await asset(found.url);
      urls.set(id, found.url);
    }

    // The image knows what was made of it.
    const [{ generatedImageVariationGenerics: listed }] = (await generation(leo, made.id)).generatedImages;
    assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(kinds.keys()));
    for (const { id, ...entry } of listed) {
      assert.deepEqual(entry, { status: "COMPLETE", transformType: kinds.get(id), url: urls.get(id) });
    }

    // And something can be made of what was made.
    const again = { id: cutout.id, isVariation: true };
    const { sdUnzoomJob: ofCutout } = await leo.call("variation.createVariationUnzoom", again);
    const last = await untilComplete(() => variation(leo, ofCutout.id));
    assert.equal(last.transformType, "UNZOOM");
  },

  uploads: async (leo) => {
    const [fox] = await makeOne(leo, "a fox");
    const picture = await asset(fox.url, "image/jpeg");
    const { uploadInitImage: form } = await leo.call("initImages.uploadInitImage", { extension: "jpg" });
    await upload(form.url, form.fields, picture, "fox.jpg");
    const look = async () => (await leo.call("initImages.getInitImageById", form.id)).initImagesByPk;
    const initImage = await look();
    assert.equal(initImage.id, form.id);
    assert.deepEqual(await asset(initImage.url, "image/jpeg"), picture);

    const redrawn = await make(leo, { prompt: "in oil", numImages: 1, initImageId: form.id, initStrength: 0.4 });
    assert.equal(redrawn.initStrength, 0.4);
    await make(leo, { prompt: "in ink", numImages: 1, initGenerationImageId: redrawn.generatedImages[0].id });

    const { uploadCanvasInitImage: canvas } = await leo.call("initImages.uploadCanvasInitImage", {
      initExtension: "jpg",
      maskExtension: "jpg",
    });
    await upload(canvas.initUrl, canvas.initFields, picture, "init.jpg");
    await upload(canvas.maskUrl, canvas.maskFields, picture, "mask.jpg");
    await make(leo, {
      prompt: "a hat",
      numImages: 1,
      width: 512,
      height: 512,
      modelId: VISION_XL,
      alchemy: false,
      presetStyle: "LEONARDO",
      canvasRequest: true,
      canvasRequestType: "INPAINT",
      canvasInitId: canvas.initImageId,
      canvasMaskId: canvas.maskImageId,
    });

    const gone = await leo.call("initImages.deleteInitImageById", form.id);
    assert.equal(gone.deleteInitImagesByPk.id, form.id);
    assert.equal(await look(), null);
    assert.equal((await leo.call("initImages.deleteInitImageById", form.id)).deleteInitImagesByPk, null);
  },

  media: async (leo) => {
    const { uploadMedia: form } = await leo.call("media.uploadMedia", { extension: "mp4" });
    await upload(form.url, form.fields, FILM_MP4, "film.mp4");
    const look = async () => (await leo.call("media.getUploadedMediaById", form.uploadId)).uploadedMediaByPk;
    const film = await untilComplete(look);
    assert.equal(film.id, form.uploadId);
    assert.equal(film.statusReason, null);
    assert.deepEqual(await asset(film.url, "video/mp4"), FILM_MP4);

    const gone = await leo.call("media.deleteUploadedMediaById", form.uploadId);
    assert.equal(gone.deleteUploadedMediaByPk.id, form.uploadId);
    assert.equal(await look(), null);
    assert.equal((await leo.call("media.deleteUploadedMediaById", form.uploadId)).deleteUploadedMediaByPk, null);
  },

  models: async (leo) => {
    const { customModels: platform } = await leo.call("models.listPlatformModels");
    assert.match(platform.find(({ id }) => id === LIGHTNING_XL).name, /Lightning/);

    const datasetId = await aDataset(leo);
    await leo.signIn();
    const { sdTrainingJob: job } = await leo.call("models.createModel", {
      name: "Fox",
      description: "knows foxes",
      datasetId,
      instancePrompt: "a fox",
      modelType: "CHARACTERS",
      sdVersion: "v2",
    });
    assert.equal(await leo.pays(job), 750);
    const id = job.customModelId;
    const look = async () => (await leo.call("models.getModelById", id)).customModelsByPk;
    const mine = async () =>
      (await leo.call("models.getCustomModelsByUserId", leo.userId)).customModels.map((model) => model.id);

    const model = await untilComplete(look);
    assert.deepEqual([model.id, model.name, model.description], [id, "Fox", "knows foxes"]);
    assert.deepEqual([model.type, model.sdVersion, model.instancePrompt], ["CHARACTERS", "v2", "a fox"]);
    assert.deepEqual([model.modelWidth, model.modelHeight], [512, 512]);
    assert.deepEqual(await mine(), [id]);
    const small = { numImages: 1, width: 512, height: 512, alchemy: false, presetStyle: "LEONARDO" };
    assert.equal((await make(leo, { prompt: "a fox", modelId: id, ...small })).modelId, id);

    assert.equal((await leo.call("models.deleteModelById", id)).deleteCustomModelsByPk.id, id);
    assert.equal(await look(), null);
    assert.deepEqual(await mine(), []);

    assert.equal((await leo.call("dataset.deleteDatasetById", datasetId)).deleteDatasetsByPk.id, datasetId);
    assert.equal((await leo.call("dataset.getDatasetById", datasetId)).datasetsByPk, null);
    assert.equal((await leo.call("dataset.deleteDatasetById", datasetId)).deleteDatasetsByPk, null);
  },

  elements: async (leo) => {
    const { loras } = await leo.call("elements.listElements");
    assert(loras.length > 10);
    const lora = loras.find(({ baseModel }) => baseModel === "SDXL_1_0");
    const styled = await make(leo, {
      prompt: "a fox",
      modelId: VISION_XL,
      numImages: 1,
      elements: [{ akUUID: lora.akUUID, weight: 0.5 }],
    });
    assert.equal(styled.generationElements.length, 1);
    assert.equal(styled.generationElements[0].lora.akUUID, lora.akUUID);
    assert.equal(styled.generationElements[0].weightApplied, 0.5);

    const datasetId = await aDataset(leo);
    await leo.signIn();
    const training = { resolution: 1024, sdVersion: "FLUX_DEV", datasetImageCount: 2 };
    const price = await leo.price("MODEL_TRAINING", training);
    const { sdTrainingJob: job } = await leo.call("elements.createElement", {
      name: "Foxish",
      datasetId,
      loraFocus: "Style",
      learningRate: 1e-5,
      numTrainEpochs: 60,
    });
    assert.equal(await leo.pays(job), price);
    const id = job.userLoraId;
    assert(Number.isInteger(id));
    const look = async () => (await leo.call("elements.getElementById", id)).userLorasByPk;
    const mine = async () =>
      (await leo.call("elements.getCustomElementsByUserId", leo.userId)).userLoras.map((element) => element.id);

    const element = await untilComplete(look);
    assert.deepEqual([element.id, element.name, element.focus], [id, "Foxish", "Style"]);
    assert.deepEqual([element.baseModel, element.trainingEpoch, element.learningRate], ["FLUX_DEV", 60, 1e-5]);
    assert.deepEqual(await mine(), [id]);
    const userElements = [{ userLoraId: id, weight: 1 }];
    await make(leo, { prompt: "a hen", modelId: FLUX_DEV, numImages: 1, userElements });

    assert.equal((await leo.call("elements.deleteElementById", id)).deleteUserLorasByPk.id, id);
    assert.equal(await look(), null);
    assert.deepEqual(await mine(), []);
    assert.equal((await leo.call("elements.deleteElementById", id)).deleteUserLorasByPk, null);
  },

  videos: async (leo) => {
    const [image] = await makeOne(leo, "a fox");
    await leo.signIn();
    const resolution = "RESOLUTION_480";
    const price = await leo.price("MOTION_VIDEO_GENERATION", { resolution });
    const moving = { imageId: image.id, motionStrength: 5 };
    const { motionSvdGenerationJob: svd } = await leo.call("motion.createSVDMotionGeneration", moving);
    assert.equal(await leo.pays(svd), 45);
    const { motionVideoGenerationJob: fromImage } = await leo.call("motion.createImageToVideoGeneration", {
      prompt: "it runs",
      imageId: image.id,
      imageType: "GENERATED",
      resolution,
    });
    assert.equal(await leo.pays(fromImage), price);
    const { motionVideoGenerationJob: fromText } = await leo.call("motion.createTextToVideoGeneration", {
      prompt: "a fox runs",
      resolution,
    });
    assert.equal(await leo.pays(fromText), price);

    const shots = [];
    for (const { generationId } of [svd, fromImage, fromText]) {
      const { generatedImages } = await untilComplete(() => generation(leo, generationId));
      assert.equal(generatedImages.length, 1);
      shots.push(generatedImages[0]);
    }
    for (const { motion, url, motionMp4URL } of shots) {
      assert.equal(motion, true);
      await asset(url, "image/jpeg");
      const film = await asset(motionMp4URL, "video/mp4");
      assert.equal(film.subarray(4, 8).toString(), "ftyp");
    }
    assert.equal(shots[0].motionStrength, 5);
    assert.deepEqual(shots.slice(1).map(({ imageToVideo }) => imageToVideo), [true, false]);

    const { motionVideoGenerationJob: upscale } = await leo.call("motion.createVideoUpscale", {
      resolution: "RESOLUTION_720",
      sourceGenerationId: fromText.generationId,
    });
    assert((await leo.pays(upscale)) > 0);
    const larger = await untilComplete(async () => {
      const body = await leo.call("variation.getMotionVariationById", upscale.variationId);
      assert.equal(body.generatedImageVariationMotion.length, 1);
      return body.generatedImageVariationMotion[0];
    });
    assert.equal(larger.id, upscale.variationId);
    assert.deepEqual([larger.motionTransformType, larger.resolution], ["UPSCALE", "RESOLUTION_720"]);
    await asset(larger.url, "video/mp4");
  },

  realtime: async (leo) => {
    const [fox] = await makeOne(leo, "a fox");
    const picture = JPEG_URL + (await asset(fox.url, "image/jpeg")).toString("base64");
    await leo.signIn();
    const onePicture = ({ imageDataUrl, requestTimestamp }, timestamp) => {
      assert.equal(requestTimestamp, timestamp);
      assert.equal(imageDataUrl.length, 1);
      assert(imageDataUrl[0].startsWith(JPEG_URL));
      const content = Buffer.from(imageDataUrl[0].slice(JPEG_URL.length), "base64");
      assert.equal(content.readUInt16BE(), 0xff_d8);
      return imageDataUrl[0];
    };

    const drawing = { imageDataUrl: picture, prompt: "a fox", requestTimestamp: "1", style: "ANIME" };
    const { lcmGenerationJob: drawn } = await leo.call("realtimeCanvas.createLCMGeneration", drawing);
    const sketch = onePicture(drawn, "1");
    assert.equal(await leo.pays(drawn), 1);

    const refining = { imageDataUrl: sketch, prompt: "a fox", requestTimestamp: "2" };
    const { lcmGenerationJob: refined } = await leo.call("realtimeCanvas.performInstantRefine", refining);
    onePicture(refined, "2");
    assert.equal(await leo.pays(refined), 1);

    const painting = { imageDataUrl: sketch, maskDataUrl: picture, prompt: "a hat", requestTimestamp: "3" };
    const { lcmGenerationJob: painted } = await leo.call("realtimeCanvas.performInpaintingLCM", painting);
    onePicture(painted, "3");
    assert.equal(await leo.pays(painted), 1);

    const upscaling = { imageDataUrl: sketch, prompt: "a fox", requestTimestamp: "4", refineStrength: 0.6 };
    const { lcmGenerationJob: large } = await leo.call("realtimeCanvas.performAlchemyUpscaleLCM", upscaling);
    onePicture(large, "4");
    assert.equal(await leo.pays(large), 8);

    // The large one is kept, as an image and as its upscaled variation.
    const kept = await untilComplete(() => generation(leo, large.generationId[0]));
    assert.deepEqual(kept.generatedImages.map(({ id }) => id), [large.generatedImageId]);
    await asset((await untilComplete(() => variation(leo, large.variationId[0]))).url);
  },

  shapes: async (leo) => {
    const cube = { modelExtension: "obj", name: "Cube" };
    const { uploadModelAsset: form } = await leo.call("threeDModelAssets.uploadModelAsset", cube);
    await upload(form.modelUrl, form.modelFields, CUBE_OBJ, "cube.obj");
    // This SDK cannot look at what it has uploaded: it has no GET that may carry a body.
    const path = `/models-3d/${form.modelId}`;
    const { model_assets_by_pk: shape } = await leo.raw(path);
    assert.deepEqual([shape.id, shape.name, shape.userId], [form.modelId, "Cube", leo.userId]);
    assert.equal((await asset(shape.meshUrl)).toString(), CUBE_OBJ);

    const gone = await leo.call("threeDModelAssets.delete3DModelById", form.modelId);
    assert.equal(gone.deleteModelAssetsByPk.id, form.modelId);
    assert.deepEqual(await leo.raw(path), { model_assets_by_pk: null });
    const again = await leo.call("threeDModelAssets.delete3DModelById", form.modelId, { id: form.modelId });
    assert.equal(again.deleteModelAssetsByPk, null);
  },

  blueprints: async (leo) => {
    // Nor can it list blueprints.
    const { blueprints } = await leo.raw("/blueprints");
    assert(blueprints.edges.length > 1);
    for (const { node } of blueprints.edges) await runBlueprint(leo, node);

    const errors = await leo.call("blueprints.getBlueprintById", NOBODY);
    assert.deepEqual(errors.map(({ message }) => message), ["Blueprint not found"]);
    const nothing = await leo.call("blueprints.getBlueprintExecutionGenerations", NOBODY);
    assert.deepEqual(nothing.blueprintExecutionGenerations.edges, []);
  },
};

for (const api of [CLASSES, FUNCTIONS]) {
  for (const [name, journey] of Object.entries(JOURNEYS)) {
    test(`${name}, through the ${api}`, async () => journey(await new Leo(api).signIn()));
  }
}

test("every method of the classes was called", () => {
  assert.deepEqual(methods.filter((name) => !called[CLASSES].has(name)), []);
});

test("every standalone function was called", () => {
  assert.deepEqual(functions.filter((name) => !called[FUNCTIONS].has(name)), []);
});

test("the SDK has as many functions as this suite was written for", () => {
  assert.deepEqual([methods.length, functions.length], [51, 51]);
});

/** Run a blueprint with a value for each input, and look at what came of it. */
async function runBlueprint(leo, { akUUID: id, name }) {
  const { blueprint } = await leo.call("blueprints.getBlueprintById", id);
  assert.deepEqual([blueprint.akUUID, blueprint.name], [id, name]);
  assert(blueprint.createdAt instanceof Date);

  const { blueprintVersions } = await leo.call("blueprints.getBlueprintVersionsByBlueprintId", id);
  const version = blueprintVersions.edges[0].node;
  assert.equal(version.executability.isExecutable, true);
  // The SDK's model of an input has no fields.
  const { blueprintVersions: raw } = await leo.raw(`/blueprints/${id}/versions`);
  const [fox] = await makeOne(leo, "a fox");
  const values = { text: "a fox", imageUrl: fox.url, textVariables: [{ name: "subject", value: "a fox" }] };
  const nodeInputs = raw.edges[0].node.uiMetadata.inputs.map(({ nodeId, settingName }) => ({
    nodeId,
    settingName,
    value: values[settingName],
  }));

  await leo.signIn();
  const { executeBlueprint } = await leo.call("blueprints.executeBlueprint", {
    blueprintVersionId: version.akUUID,
    input: { nodeInputs, public: false },
  });
  const executionId = executeBlueprint.akUUID;
  const execution = await untilComplete(
    async () => (await leo.call("blueprints.getBlueprintExecution", executionId)).blueprintExecution,
  );
  assert.deepEqual([execution.akUUID, execution.public], [executionId, false]);
  assert.deepEqual(execution.inputs, nodeInputs);
  const before = leo.balance;
  await leo.signIn();
  assert.equal(before - leo.balance, version.cost);

  const generations = async (...args) => {
    const body = await leo.call("blueprints.getBlueprintExecutionGenerations", ...args);
    return body.blueprintExecutionGenerations.edges.map(({ node }) => node);
  };
  const made = await generations(executionId);
  assert.notEqual(made.length, 0);
  for (const { status, generationId } of made) {
    assert.equal(status, "COMPLETED");
    await asset((await generation(leo, generationId)).generatedImages[0].url);
  }
  assert.deepEqual(await generations(executionId, undefined, undefined, 1), made.slice(0, 1));
}

/** Order images; return the finished generation. */
async function make(leo, request) {
  const { sdGenerationJob: job } = await leo.call("image.createGeneration", request);
  return untilComplete(() => generation(leo, job.generationId));
}

/** The only image of a small generation, and the generation. */
async function makeOne(leo, prompt) {
  const made = await make(leo, { prompt, width: 512, height: 512, numImages: 1 });
  assert.equal(made.generatedImages.length, 1);
  return [made.generatedImages[0], made];
}

async function generation(leo, id) {
  const { generationsByPk: found } = await leo.call("image.getGenerationById", id);
  if (found) assert.equal(found.id, id);
  return found;
}

async function variation(leo, id) {
  const { generatedImageVariationGeneric: found } = await leo.call("variation.getVariationById", id);
  assert.deepEqual(found.map((entry) => entry.id), [id]);
  return found[0];
}

/** A dataset with two pictures: one uploaded, one taken over from a generation. */
async function aDataset(leo) {
  const description = { name: "foxes", description: "red ones" };
  const { id } = (await leo.call("dataset.createDataset", description)).insertDatasetsOne;
  const look = async () => (await leo.call("dataset.getDatasetById", id)).datasetsByPk;
  const empty = await look();
  assert.deepEqual([empty.id, empty.name, empty.description, empty.datasetImages], [id, "foxes", "red ones", []]);

  const [image] = await makeOne(leo, "a fox");
  const picture = await asset(image.url, "image/jpeg");
  const { uploadDatasetImage: form } = await leo.call("dataset.uploadDatasetImage", { extension: "jpg" }, id);
  await upload(form.url, form.fields, picture, "fox.jpg");
  const source = { generatedImageId: image.id };
  const { uploadDatasetImageFromGen: taken } = await leo.call("dataset.uploadDatasetImageFromGen", source, id);

  const { datasetImages } = await look();
  assert.deepEqual(new Set(datasetImages.map((entry) => entry.id)), new Set([form.id, taken.id]));
  for (const { url } of datasetImages) assert.deepEqual(await asset(url, "image/jpeg"), picture);
  return id;
}
